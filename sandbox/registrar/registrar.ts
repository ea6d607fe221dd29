import { z } from 'zod';
import { type Ds, renderDs } from '../dnssec/zone-key.ts';
import { cloudflareNameServers } from '../emulators/cloudflare/name-servers.ts';

/** What the registry of the sandbox's top-level domain publishes about a domain. */
export interface Domain {
  /** Names of its name servers, without a last dot. */
  nameServers: string[];
  ds: Ds[];
}

/**
 * All domains. One that was registered has Cloudflare's name servers and no DS record, until its owner orders otherwise;
 * `changed` has those domains.
 */
export function allDomains(
  registered: { name: string }[],
  changed: Record<string, Domain>,
): Record<string, Domain> {
  const plain = registered.map(({ name }): [string, Domain] => [
    name,
    { nameServers: [...cloudflareNameServers], ds: [] },
  ]);
  return { ...Object.fromEntries(plain), ...changed };
}

/** Length of a digest in hexadecimal digits, by its type (RFC 3658, RFC 4509, RFC 6605). */
const digestLengths: Record<number, number> = { 1: 40, 2: 64, 4: 96 };

const domainName = z
  .string()
  .toLowerCase()
  .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]+$/, 'is not a valid domain name');

const ds = z
  .strictObject({
    keyTag: z.number().int().min(0).max(65535),
    algorithm: z.number().int().min(1).max(255),
    digestType: z.number().int().min(1).max(255),
    digest: z.string().regex(/^[0-9a-fA-F]+$/, 'is not hexadecimal'),
  })
  .refine(({ digestType, digest }) => digest.length === (digestLengths[digestType] ?? digest.length), {
    path: ['digest'],
    message: 'has another length than its type asks for',
  });

/** What an owner orders at their registrar. `remove-ds` without a record removes all of them. */
const order = z.discriminatedUnion('order', [
  z.strictObject({ order: z.literal('set-ns'), domain: domainName, nameServers: z.array(domainName).min(2) }),
  z.strictObject({ order: z.literal('add-ds'), domain: domainName, ds }),
  z.strictObject({ order: z.literal('remove-ds'), domain: domainName, ds: ds.optional() }),
]);

/**
 * A domain after an order. As at a real registrar the syntax is checked, and never whether a DS record fits the zone. Throws
 * where the order is not valid, and where `domains` does not have its domain.
 */
export function changeDomain(
  domains: Record<string, Domain>,
  given: unknown,
): { name: string; domain: Domain } {
  const parsed = order.safeParse(given);
  if (!parsed.success) throw new Error(`not an order for the registrar: ${z.prettifyError(parsed.error)}`);
  const { domain: name } = parsed.data;
  const domain = Object.hasOwn(domains, name) ? domains[name] : undefined;
  if (!domain) throw new Error(`${name} is not registered in the sandbox. Register it first.`);
  return { name, domain: changed(name, domain, parsed.data) };
}

function changed(name: string, domain: Domain, wanted: z.infer<typeof order>): Domain {
  switch (wanted.order) {
    case 'set-ns': {
      const inside = wanted.nameServers.find((each) => each === name || each.endsWith(`.${name}`));
      if (inside)
        throw new Error(`${inside} is below ${name}: the sandbox's registrar takes no addresses (glue).`);
      return { ...domain, nameServers: wanted.nameServers };
    }
    case 'add-ds': {
      if (domain.ds.some((each) => isSame(each, wanted.ds)))
        throw new Error(`${name} already has the DS record ${renderDs(wanted.ds)}.`);
      return { ...domain, ds: [...domain.ds, wanted.ds] };
    }
    case 'remove-ds': {
      const { ds: unwanted } = wanted;
      if (!unwanted) return { ...domain, ds: [] };
      const left = domain.ds.filter((each) => !isSame(each, unwanted));
      if (left.length === domain.ds.length)
        throw new Error(`${name} has no DS record ${renderDs(unwanted)}.`);
      return { ...domain, ds: left };
    }
  }
}

const isSame = (one: Ds, other: Ds): boolean => renderDs(one).toUpperCase() === renderDs(other).toUpperCase();
