import { z } from 'zod';
import { authProxyMemoryMb } from '../config/memory.ts';
import { defaultQuotas } from '../config/quotas.ts';
import { withAllOptionalParts } from '../optional-parts.ts';
import type { ServiceDefinition } from '../service.ts';

/** A service's facts for an owner who considers it. */
export interface ServiceFacts {
  id: string;
  title: string;
  summary: string;
  program: string;
  licence: string;
  /** Left out for our own programs. */
  homepage?: string;
  memoryMb: number;
  /** Addresses and ports that it opens. */
  opens: string[];
  /** Who has access, and how; left out for services without web pages. */
  access?: string;
  needs: string[];
  data: string[];
  options: { name: string; default: unknown; description: string }[];
}

/** `hostOf` makes a name on the web from the service's own subdomain: in a cloud, by what haven.yaml says. */
export function describeService(
  service: ServiceDefinition,
  hostOf: (subdomain: string) => string,
): ServiceFacts {
  const parts = Object.entries(service.optional ?? {});
  const { route, tcp = [], database, login, authProxy, ldap, mail } = service.needs ?? {};
  const whole = withAllOptionalParts(service);
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
    ...(service.upstream.url ? { homepage: service.upstream.url } : {}),
    memoryMb: service.memoryMb,
    opens: [
      ...(route?.port ? [`https://${hostOf(route.subdomain)}/`] : []),
      ...tcp.map((each) => `port ${each.public}: ${each.reason}`),
      ...parts.flatMap(([option, part]) =>
        (part.tcp ?? []).map((each) => `port ${each.public}, with the option ${option}: ${each.reason}`),
      ),
      ...(service.hostNetwork
        ? [
            `${service.hostNetwork.ports.map((each) => `${each.protocol} ${each.port}`).join(', ')} of the server: ${service.hostNetwork.reason}`,
          ]
        : []),
    ],
    ...(access ? { access } : {}),
    needs: [
      ...(route ? ['a web address (its DNS records and certificate are created for it)'] : []),
      ...(database ? ['its own PostgreSQL 17 database'] : []),
      ...(login ? ['single sign-on (added automatically)'] : []),
      ...(authProxy
        ? [
            `single sign-on, by an auth proxy in front of its pages (added automatically, up to ${authProxyMemoryMb} MB more memory)`,
          ]
        : []),
      ...(ldap ? ['LDAP, which stores the users (added automatically)'] : []),
      ...parts.flatMap(([option, part]) =>
        part.memoryMb ? [`up to ${part.memoryMb} MB more memory, with the option ${option}`] : [],
      ),
      ...(mail ? ['mail, which keeps the mailboxes (added automatically)'] : []),
    ],
    data: Object.entries(defaultQuotas(whole)).map(([name, quotaGb]) => {
      const { rollback, backup } = whole.data?.[name] ?? {};
      const isKept = rollback === 'never';
      const option = parts.find(([, { data = {} }]) => name in data)?.[0];
      return `${name}${option ? `, with the option ${option}` : ''}: up to ${quotaGb} GB (quotaGb.${name}); ${isKept ? 'never rolled back' : 'restored automatically if a change fails'}${backup === false ? '; in no backup' : ''}`;
    }),
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
  if (login)
    return `users with a login. ${login.noAdmins ?? `Members of the group "${login.admins}" administer it.`}`;
  if (ldap === 'readers') return 'users with a login, with app passwords';
  return publicBecause ? `public. ${publicBecause} To restrict it, set "access" in haven.yaml` : undefined;
}
