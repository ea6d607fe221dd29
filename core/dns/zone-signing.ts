/**
 * DNSSEC of a zone. Its DNS provider signs its records with a key, and the zone above publishes a hash of that key (a DS
 * record), which the owner enters at their registrar. Resolvers believe signatures only from the zone above down. Signed
 * without a DS record, a zone is like any other; a DS record that does not fit the key makes the whole domain unreachable.
 */
export interface ZoneSigning {
  /**
   * As its DNS provider says. `off`: not signed. `waiting`: signed, and the zone above has no DS record that fits. `secure`:
   * signed, and it has one. `ending`: still signed, and being disabled. `failed`: the provider can't sign it.
   */
  state: 'off' | 'waiting' | 'secure' | 'ending' | 'failed';
  /** Left out for a zone that has none. */
  key?: ZoneKey;
}

/** The key that signs a zone, as what registrars ask for is made of it. */
export interface ZoneKey {
  /** Its DS record, as the provider shows it. */
  ds: Ds;
  /** 257: the key that a DS record is about (RFC 4034 §2.1.1). */
  flags: number;
  /** In base64, as a DNSKEY record has it (RFC 4034 §2.2). */
  publicKey: string;
}

/** A DS record (RFC 4034 §5.1). */
export interface Ds {
  keyTag: number;
  algorithm: number;
  digestType: number;
  /** Hexadecimal; the case has no meaning. */
  digest: string;
}

const before = 'dnssec-';

/** The name of the engine's resource that signs a zone. */
export const signingKey = (zone: string): string => `${before}${zone}`;

/** The zone that a resource of this name signs; undefined for any other resource. */
export const signedZone = (resource: string): string | undefined =>
  resource.startsWith(before) ? resource.slice(before.length) : undefined;
