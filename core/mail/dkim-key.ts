import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { z } from 'zod';

/**
 * DKIM (RFC 6376): the mail server signs what it sends, and everyone can check it with the public key in DNS. The
 * private keys are in secrets.age, and the server gets them all as one secret. The public halves are in haven.lock, so
 * that a plan knows the records. A domain has an RSA key, and a second one for Ed25519 (RFC 8463) if its owner wants it:
 * email is then signed twice, since not every receiver knows that one.
 */

/** Name of the private keys in secrets.age, and of the secret that a service with `needs.dkim` gets. */
export const dkimKeys = 'dkim-keys';

/** A private key: PKCS#8 in PEM. */
interface PrivateKey {
  selector: string;
  privateKey: string;
}

/** Private keys by domain, as they are kept and as the server gets them. */
export type DkimPrivateKeys = Record<string, PrivateKey & { ed25519?: PrivateKey | undefined }>;

interface PublicKey {
  /** Tells several keys of a domain apart (RFC 6376 §3.1). */
  selector: string;
  /**
   * In Base64, as `p=` of the record has it: of RSA a SubjectPublicKeyInfo (RFC 6376 §3.6.1), of Ed25519 its 32 bytes
   * (RFC 8463 §4.2).
   */
  publicKey: string;
}

/** The public halves of a domain's keys. */
export interface DkimPublicKey extends PublicKey {
  ed25519?: PublicKey | undefined;
}

const privateKey = z.strictObject({ selector: z.string(), privateKey: z.string() });
const privateKeys = z.record(z.string(), privateKey.extend({ ed25519: privateKey.optional() }));

/** The private keys in their stored form. Throws if it is damaged. */
export const parseDkimKeys = (text: string | undefined): DkimPrivateKeys =>
  text === undefined ? {} : privateKeys.parse(JSON.parse(text));

/** A new key: RSA with 2048 bits, which every receiver can check (RFC 8301 §3.2). */
export function generateDkimKey(selector: string): PrivateKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { selector, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** A new second key, for Ed25519. */
export function generateEd25519Key(selector: string): PrivateKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { selector, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** The public halves of a domain's keys. */
export function dkimPublicKey({ ed25519, ...rsa }: DkimPrivateKeys[string]): DkimPublicKey {
  const spki = ({ privateKey }: PrivateKey): Buffer =>
    createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'der' });
  return {
    selector: rsa.selector,
    publicKey: spki(rsa).toString('base64'),
    // The key is the end of that structure (RFC 8410 §4).
    ...(ed25519
      ? { ed25519: { selector: ed25519.selector, publicKey: spki(ed25519).subarray(-32).toString('base64') } }
      : {}),
  };
}

/** The public halves of all keys, by domain. */
export const dkimPublicKeys = (keys: DkimPrivateKeys): Record<string, DkimPublicKey> =>
  Object.fromEntries(Object.entries(keys).map(([domain, key]) => [domain, dkimPublicKey(key)]));

/** The selector of the first key that a domain gets in a year: `2026a`. */
export const firstSelector = (year: number): string => `${year}a`;

/** The selector of the second key that is made when a first one would get this. */
export const ed25519Selector = (selector: string): string => `${selector}-ed25519`;

/** Where the key of a domain is in DNS (RFC 6376 §3.6.2.1). */
export const dkimName = (domain: string, selector: string): string => `${selector}._domainkey.${domain}`;

/** The text of its record: for RSA and SHA-256 alone (RFC 8301 §3.1). */
export const dkimText = ({ publicKey }: Pick<DkimPublicKey, 'publicKey'>): string =>
  `v=DKIM1; k=rsa; h=sha256; p=${publicKey}`;

/** The text of the record of a second key (RFC 8463 §4.2). */
export const ed25519Text = ({ publicKey }: Pick<DkimPublicKey, 'publicKey'>): string =>
  `v=DKIM1; k=ed25519; h=sha256; p=${publicKey}`;

/**
 * The generation of the secret that the server gets: how many keys it has, with those of these domains that are still to be
 * made. Keys are added and never changed, so a plan knows it before they exist. `ed25519`: each domain has a second one.
 */
export function dkimGeneration(
  known: Record<string, { ed25519?: unknown }>,
  { domains, ed25519 = false }: { domains: string[]; ed25519?: boolean },
): number {
  const first = new Set([...Object.keys(known), ...domains]);
  const second = [...first].filter(
    (domain) => known[domain]?.ed25519 !== undefined || (ed25519 && domains.includes(domain)),
  );
  return first.size + second.length;
}
