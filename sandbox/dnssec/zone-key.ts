import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';

/**
 * The key that signs a zone: one for everything (a combined signing key), of the algorithm that Cloudflare uses too. Keys are
 * made here and not by the name server, so that an emulator can show a zone's DS record before anything is signed.
 */

/** ECDSA on the curve P-256 with SHA-256 (RFC 6605). */
export const keyAlgorithm = 13;
/** A key that signs keys, too: "zone key" and "secure entry point" (RFC 4034 §2.1.1). */
export const keyFlags = 257;
/** The only value of a DNSKEY record's second field (RFC 4034 §2.1.2). */
const keyProtocol = 3;
/** SHA-256 (RFC 4509). */
const digestType = 2;

/** What the zone above says about a zone's key: a DS record. Field names are RDAP's (RFC 9083 §5.3). */
export interface Ds {
  keyTag: number;
  algorithm: number;
  digestType: number;
  /** Hexadecimal; the case has no meaning. */
  digest: string;
}

/** A new key, as PEM (PKCS#8). */
export function generateZoneKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

/** The public half in base64, as a DNSKEY record has it: both coordinates of the point (RFC 6605 §4). */
export function publicKeyOf(privateKey: string): string {
  const { x = '', y = '' } = createPublicKey(createPrivateKey(privateKey)).export({ format: 'jwk' });
  return Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]).toString('base64');
}

/** The DS record that fits a zone's public key (RFC 4034 §5.1.4). `zone` is a name, with or without its last dot. */
export function dsOf(zone: string, publicKey: string): Ds {
  const head = Buffer.from([keyFlags >> 8, keyFlags & 0xff, keyProtocol, keyAlgorithm]);
  const data = Buffer.concat([head, Buffer.from(publicKey, 'base64')]);
  const digest = createHash('sha256').update(wireName(zone)).update(data).digest('hex').toUpperCase();
  return { keyTag: keyTagOf(data), algorithm: keyAlgorithm, digestType, digest };
}

/** A DS record's content, as a zone file has it. */
export const renderDs = (ds: Ds): string => `${ds.keyTag} ${ds.algorithm} ${ds.digestType} ${ds.digest}`;

/** The sum that RFC 4034 describes in appendix B. */
function keyTagOf(data: Buffer): number {
  let sum = 0;
  for (const [index, byte] of data.entries()) sum += index % 2 === 0 ? byte << 8 : byte;
  return (sum + (sum >> 16)) & 0xffff;
}

/** A name in its canonical form on the wire (RFC 4034 §6.2). */
function wireName(name: string): Buffer {
  const labels = name.toLowerCase().split('.').filter(Boolean);
  const parts = labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  return Buffer.concat([...parts, Buffer.from([0])]);
}
