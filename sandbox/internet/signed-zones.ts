import { dsOf, publicKeyOf, renderDs } from '../dnssec/zone-key.ts';
import type { Signing } from './config-files.ts';

/** Which zones the name server signs, and how. `ownKeys` are those of our own zones, by zone. */
export function signedZones(ownKeys: Record<string, string>): Record<string, Signing> {
  return Object.fromEntries(
    Object.entries(ownKeys).map(([zone, privateKey]) => [zone, { privateKey, tellsParent: 'nothing' }]),
  );
}

/** What a resolver of the sandbox trusts: the root's DS record, as in Debian's `/usr/share/dns/root.key`. */
export function rootAnchor(ownKeys: Record<string, string>): string {
  const key = ownKeys['.'];
  if (key === undefined) throw new Error('the sandbox has no key for the root');
  return `. IN DS ${renderDs(dsOf('.', publicKeyOf(key)))}\n`;
}
