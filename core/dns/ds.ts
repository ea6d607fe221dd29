import { createHash } from 'node:crypto';
import type { Ds, ZoneKey } from './zone-signing.ts';

/** A DS record's content, as a zone file has it (RFC 4034 §5.3). */
export const renderDs = ({ keyTag, algorithm, digestType, digest }: Ds): string =>
  `${keyTag} ${algorithm} ${digestType} ${digest}`;

/** The reverse. Throws if the text is not the content of a DS record. */
export function parseDs(content: string): Ds {
  const parts = /^(\d+) (\d+) (\d+) ([\da-f ]+)$/i.exec(content);
  if (!parts) throw new Error(`"${content}" is not the content of a DS record.`);
  const [keyTag, algorithm, digestType] = parts.slice(1, 4).map(Number) as [number, number, number];
  return { keyTag, algorithm, digestType, digest: parts[4]!.replaceAll(' ', '') };
}

/** Hash functions by digest type (RFC 4034 §A.2, RFC 4509, RFC 6605 §2). */
const hashes: Record<number, string> = { 1: 'sha1', 2: 'sha256', 4: 'sha384' };

/**
 * Whether a DS record is that of a zone's key. A registrar that is given the key makes the record itself, and may choose
 * another digest type than the DNS provider shows.
 */
export function isDsOf(zone: string, { ds: own, flags, publicKey }: ZoneKey, ds: Ds): boolean {
  const hash = hashes[ds.digestType];
  if (hash === undefined || ds.keyTag !== own.keyTag || ds.algorithm !== own.algorithm) return false;
  // RFC 4034 §5.1.4: the owner's name, then flags, protocol (always 3), algorithm and key.
  const head = Buffer.from([flags >> 8, flags & 0xff, 3, own.algorithm]);
  const digest = createHash(hash)
    .update(canonicalName(zone))
    .update(head)
    .update(Buffer.from(publicKey, 'base64'))
    .digest('hex');
  return digest === ds.digest.toLowerCase();
}

/** A name on the wire: each label after its length, in lower case, and the root's empty one (RFC 4034 §6.2). */
function canonicalName(name: string): Buffer {
  const labels = name.toLowerCase().split('.').filter(Boolean);
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]),
    Buffer.from([0]),
  ]);
}
