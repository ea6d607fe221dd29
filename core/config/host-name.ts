import type { HavenConfig } from './config-schema.ts';

/** The web address of a service with a route. */
export function hostOf(config: HavenConfig, service: string, usual: string): string {
  const entry = config.services[service];
  return `${entry?.subdomain ?? usual}.${entry?.domain ?? config.domains[0]!.name}`;
}

/** The name of the server itself. */
export const serverHostName = ({ domains }: Pick<HavenConfig, 'domains'>): string =>
  `haven.${domains[0]!.name}`;
