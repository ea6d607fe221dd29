import { withOptionalParts } from '../optional-parts.ts';
import type { Catalogue, ServiceDefinition } from '../service.ts';
import type { HavenConfig } from './config-schema.ts';
import { chosenServices } from './dependencies.ts';

/** Quotas of a service by the name of its data, in GB (10^9 bytes). */
export type Quotas = Record<string, number>;

/** For a service's own database, unless its `service.ts` says otherwise. */
const databaseGb = 1;

/** How much each data of a service may use on the volume if haven.yaml does not say it. */
export function defaultQuotas({ data = {}, needs, databaseQuotaGb }: ServiceDefinition): Quotas {
  const own = Object.fromEntries(Object.entries(data).map(([name, { quotaGb }]) => [name, quotaGb]));
  return needs?.database ? { ...own, db: databaseQuotaGb ?? databaseGb } : own;
}

export const quotasOf = (service: ServiceDefinition, { services }: HavenConfig): Quotas => ({
  ...defaultQuotas(withOptionalParts(service, services[service.id]?.options ?? {})),
  ...services[service.id]?.quotaGb,
});

/**
 * What all data together may use of a volume, in GB: the rest is reserved, so that journals, releases and secrets can
 * always be written, and an operation undone.
 */
export const usableGb = (volumeGb: number): number =>
  volumeGb - Math.min(10, Math.max(1, Math.ceil(volumeGb / 10)));

/** The quotas of all chosen services together, in GB. */
export const plannedGb = (config: HavenConfig, catalogue: Catalogue): number =>
  chosenServices(config, catalogue)
    .flatMap((id) => Object.values(quotasOf(catalogue.get(id)!.definition, config)))
    .reduce((sum, each) => sum + each, 0);

/** The smallest volume for that many GB of data. */
export function volumeFor(dataGb: number): number {
  let gb = Math.max(10, dataGb);
  while (usableGb(gb) < dataGb) gb += 1;
  return gb;
}
