import type { ServiceDefinition } from '../service.ts';
import type { HavenConfig } from './config-schema.ts';
import { hostOf } from './host-name.ts';

/** The names at which a service has fixed pages. Its options must be valid. */
export function fixedHosts(
  config: HavenConfig,
  definition: ServiceDefinition,
  options: Record<string, unknown>,
): string[] {
  const { id, needs } = definition;
  const context = {
    domain: config.services[id]?.domain ?? config.domains[0]!.name,
    host: needs?.route && hostOf(config, id, needs.route.subdomain),
    owner: config.owner,
    sending: config.sending,
    timeZone: config.timeZone,
  };
  return (definition.fixedPages?.(options, context) ?? []).map(({ host }) => host);
}
