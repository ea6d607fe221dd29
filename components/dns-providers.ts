import { readdirSync } from 'node:fs';
import type { PlannedZone } from '../core/dns/planned-zone.ts';
import type { ZoneSigning } from '../core/dns/zone-signing.ts';
import type { Environment } from './api-call.ts';
import type { ApiFront } from './api-front.ts';
import type { DnsProvider, DnsZones } from './dns-provider.ts';

const folder = new URL('./dns-providers/', import.meta.url);

/** All DNS providers, by id. The folder is the list: each file in it is one. */
export const dnsProviders: ReadonlyMap<string, DnsProvider> = new Map(
  (await Promise.all(providerFiles().map(load))).map((each) => [each.id, each]),
);

/** The facts of all providers, for pure code: configuration, schema, docs. */
export const dnsProviderFacts = [...dnsProviders.values()];

/** The provider of a zone. It exists, because the configuration has been checked. */
export function dnsProvider(id: string): DnsProvider {
  const found = dnsProviders.get(id);
  if (!found)
    throw new Error(`There is no DNS provider "${id}". There are: ${[...dnsProviders.keys()].join(', ')}.`);
  return found;
}

/** The zones that can be read, by name. */
export function openZones(
  zones: { name: string; dns: string }[],
  environment: Environment,
): Map<string, DnsZones> {
  const opened = zones.map(({ name, dns }) => [name, dnsProvider(dns).open?.(environment)] as const);
  return new Map(opened.filter((each): each is [string, DnsZones] => each[1] !== undefined));
}

/** DNSSEC of zones, by name, as their providers say; nothing of a zone whose provider can't be told to sign. */
export async function lookAtSigning(
  zones: PlannedZone[],
  environment: Environment,
): Promise<Map<string, ZoneSigning>> {
  const looked = zones.map(
    async ({ name, dns }) => [name, await dnsProvider(dns).signer?.(environment).look(name)] as const,
  );
  const found = await Promise.all(looked);
  return new Map(found.filter((each): each is [string, ZoneSigning] => each[1] !== undefined));
}

/** Serves the APIs of these DNS providers, as far as they have a front, as one. */
export async function openFronts(ids: Iterable<string>, environment: Environment): Promise<ApiFront> {
  const opened = [...new Set(ids)].map((id) => dnsProvider(id).front?.(environment));
  const fronts = (await Promise.all(opened)).filter((each) => each !== undefined);
  return {
    variables: Object.assign({}, ...fronts.map(({ variables }) => variables)),
    beginRun: (say) => {
      for (const each of fronts) each.beginRun(say);
    },
    restoreAddress: (text) => fronts.reduce((said, each) => each.restoreAddress(said), text),
    close: async () => {
      await Promise.all(fronts.map((each) => each.close()));
    },
  };
}

/** The provider whose records are resources of this type. */
export const providerOfResource = (type: string): DnsProvider | undefined =>
  dnsProviderFacts.find((each) => each.resource.type === type);

function providerFiles(): string[] {
  return readdirSync(folder)
    .filter((name) => /^[a-z0-9-]+\.[jt]s$/.test(name))
    .sort();
}

async function load(file: string): Promise<DnsProvider> {
  const module = (await import(new URL(file, folder).href)) as { default?: DnsProvider };
  if (module.default?.id !== file.slice(0, -3))
    throw new Error(
      `components/dns-providers/${file}: its default export must be a DnsProvider with this id.`,
    );
  return module.default;
}
