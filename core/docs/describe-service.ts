import { z } from 'zod';
import type { ServiceDefinition } from '../service.ts';

/** What an owner wants to know of a service before it runs, as plain facts. */
export interface ServiceFacts {
  id: string;
  title: string;
  summary: string;
  program: string;
  licence: string;
  homepage: string;
  memoryMb: number;
  /** Names and ports under which it is reached. */
  opens: string[];
  /** Who may come in, and how; left out where nobody does by the web. */
  access?: string;
  needs: string[];
  data: string[];
  options: { name: string; default: unknown; description: string }[];
}

export function describeService(service: ServiceDefinition, domain: string): ServiceFacts {
  const { route, tcp = [], database, login, authProxy, ldap } = service.needs ?? {};
  const access = accessOf(service);
  const schema = z.toJSONSchema(service.options, { io: 'input' }) as {
    properties?: Record<string, { default?: unknown; description?: string }>;
  };
  return {
    id: service.id,
    title: service.title,
    summary: service.summary,
    program: `${service.upstream.name} ${service.upstream.version}`,
    licence: service.upstream.licence,
    homepage: service.upstream.url,
    memoryMb: service.memoryMb,
    opens: [
      ...(route ? [`https://${route.subdomain}.${domain}/`] : []),
      ...tcp.map((each) => `port ${each.public}: ${each.reason}`),
      ...(service.hostNetwork
        ? [
            `${service.hostNetwork.ports.map((each) => `${each.protocol} ${each.port}`).join(', ')} of the server: ${service.hostNetwork.reason}`,
          ]
        : []),
    ],
    ...(access ? { access } : {}),
    needs: [
      ...(route ? ['a name with its DNS records and a certificate'] : []),
      ...(database ? ['a PostgreSQL 17 of its own'] : []),
      ...(login ? ['the login of this cloud, which comes with it'] : []),
      ...(authProxy ? ['the auth proxy, which asks for the login before its pages'] : []),
      ...(ldap ? ['LDAP, where users live, which comes with it'] : []),
    ],
    data: [
      ...Object.entries(service.data ?? {}).map(
        ([name, { rollback }]) =>
          `${name}: ${rollback === 'never' ? 'never goes back' : 'goes back with a change that fails'}`,
      ),
      ...(database ? ['db: goes back with a change that fails'] : []),
    ],
    options: Object.entries(schema.properties ?? {}).map(([name, option]) => ({
      name,
      default: option.default,
      description: option.description ?? '',
    })),
  };
}

function accessOf({ needs = {}, publicBecause }: ServiceDefinition): string | undefined {
  const { login, authProxy, ldap } = needs;
  if (authProxy)
    return authProxy === 'admins'
      ? 'administrators, through the auth proxy'
      : 'users with a login, through the auth proxy';
  if (login && login !== 'for-others')
    return `users with a login. ${login.noAdmins ?? `Who is in the group "${login.admins}" administers it.`}`;
  if (ldap === 'readers') return 'users with a login, by app passwords';
  return publicBecause ? `everybody: ${publicBecause} "access" in haven.yaml closes it` : undefined;
}
