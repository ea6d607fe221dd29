import { getDomain } from 'tldts';
import type { ZoneKey } from './zone-signing.ts';

/** Who publishes the DS record of a zone: the registrar of a domain, or the owner of the zone above a subdomain. */
export const publisherOf = (zone: string): string =>
  getDomain(zone, { allowPrivateDomains: true }) === zone
    ? 'your registrar'
    : `the DNS provider of ${zone.slice(zone.indexOf('.') + 1)}`;

/**
 * What an owner enters there, in both forms: some registries take the DS record (com, ch, se), some the key that it is
 * made of (de, eu), some either.
 */
export function registrarEntries({ ds, flags, publicKey }: ZoneKey): [ds: string, dnskey: string] {
  const { keyTag, algorithm, digestType, digest } = ds;
  return [
    `DS: key tag ${keyTag}, algorithm ${algorithm}, digest type ${digestType}, digest ${digest}`,
    `DNSKEY: flags ${flags}, protocol 3, algorithm ${algorithm}, public key ${publicKey}`,
  ];
}
