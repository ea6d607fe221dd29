import { dsOf, publicKeyOf, renderDs } from '../dnssec/zone-key.ts';
import type { Zone } from '../emulators/cloudflare/state.ts';
import type { Signing } from './config-files.ts';

/** Which zones the name server signs, and how. `ownKeys` are those of our own zones, by zone. */
export function signedZones(ownKeys: Record<string, string>, customers: Zone[]): Record<string, Signing> {
  const own = Object.entries(ownKeys).map(([zone, privateKey]): [string, Signing] => [
    zone,
    { privateKey, tellsParent: 'nothing' },
  ]);
  return Object.fromEntries([...own, ...customers.flatMap(signingOf)]);
}

/** As Cloudflare does it: a zone whose DNSSEC is disabled stays signed until that is deleted, and says that its DS may go. */
function signingOf({ name, dnssec }: Zone): [string, Signing][] {
  if (!dnssec || dnssec.modified_on === null) return [];
  const isOn = dnssec.status === 'active' || dnssec.status === 'pending';
  return [[`${name}.`, { privateKey: dnssec.privateKey, tellsParent: isOn ? 'key' : 'delete' }]];
}

/** What a resolver of the sandbox trusts: the root's DS record, as in Debian's `/usr/share/dns/root.key`. */
export function rootAnchor(ownKeys: Record<string, string>): string {
  const key = ownKeys['.'];
  if (key === undefined) throw new Error('the sandbox has no key for the root');
  return `. IN DS ${renderDs(dsOf('.', publicKeyOf(key)))}\n`;
}
