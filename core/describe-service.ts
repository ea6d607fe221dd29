import { z } from 'zod';
import type { ServiceDefinition } from '../services/service.ts';

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
  needs: string[];
  data: string[];
  options: { name: string; default: unknown; description: string }[];
}

export function describeService(service: ServiceDefinition, domain: string): ServiceFacts {
  const { route, tcp = [], database, login, gate, directory } = service.needs ?? {};
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
      ...(service.hostNetwork?.ports.map((each) => `port ${each.port}/${each.protocol}`) ?? []),
    ],
    needs: [
      ...(route ? ['a name with its DNS records and a certificate'] : []),
      ...(database ? ['a PostgreSQL database of its own'] : []),
      ...(login ? ['the login of this cloud, which comes with it'] : []),
      ...(gate ? ['the gate, which asks for the login before its pages'] : []),
      ...(directory ? ['the directory of people, which comes with it'] : []),
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
