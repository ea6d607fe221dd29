import type { HavenConfig } from './config-schema.ts';

type Domain = HavenConfig['domains'][number];

/** The zone that a domain is in: at its DNS provider all of its records are in there. */
export const zoneOf = ({ name, zone }: Pick<Domain, 'name' | 'zone'>): string => zone ?? name;

/** The zones of all domains, each once, and the DNS provider of each by its id. */
export function zonesOf(domains: Domain[]): { name: string; dns: string }[] {
  const zones = new Map(domains.map((each) => [zoneOf(each), each.dns]));
  return [...zones].map(([name, dns]) => ({ name, dns }));
}
