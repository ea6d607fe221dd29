import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { z } from 'zod';

/**
 * DKIM (RFC 6376): the mail server signs what it sends, and everyone can check it with the public key in DNS. The
 * private keys are in secrets.age, and the server gets them all as one secret. The public halves are in haven.lock, so
 * that a plan knows the records.
 */

/** Name of the private keys in secrets.age, and of the secret that a service with `needs.dkim` gets. */
export const dkimKeys = 'dkim-keys';

/** Private keys by domain, as they are kept and as the server gets them: PKCS#8 in PEM. */
export type DkimPrivateKeys = Record<string, { selector: string; privateKey: string }>;

/** The public half of a domain's key. */
export interface DkimPublicKey {
  /** Tells several keys of a domain apart (RFC 6376 §3.1). */
  selector: string;
  /** SubjectPublicKeyInfo in Base64, as `p=` of the record has it (RFC 6376 §3.6.1). */
  publicKey: string;
}

const privateKeys = z.record(z.string(), z.strictObject({ selector: z.string(), privateKey: z.string() }));

/** The private keys in their stored form. Throws if it is damaged. */
export const parseDkimKeys = (text: string | undefined): DkimPrivateKeys =>
  text === undefined ? {} : privateKeys.parse(JSON.parse(text));

/** A new key: RSA with 2048 bits, which every receiver can check (RFC 8301 §3.2). Not all know Ed25519 (RFC 8463). */
export function generateDkimKey(selector: string): DkimPrivateKeys[string] {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { selector, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** The public half of a private key. */
export function dkimPublicKey({ selector, privateKey }: DkimPrivateKeys[string]): DkimPublicKey {
  const spki = createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'der' });
  return { selector, publicKey: spki.toString('base64') };
}

/** The public halves of all keys, by domain. */
export const dkimPublicKeys = (keys: DkimPrivateKeys): Record<string, DkimPublicKey> =>
  Object.fromEntries(Object.entries(keys).map(([domain, key]) => [domain, dkimPublicKey(key)]));

/** The selector of the first key that a domain gets in a year: `2026a`. */
export const firstSelector = (year: number): string => `${year}a`;

/** Where the key of a domain is in DNS (RFC 6376 §3.6.2.1). */
export const dkimName = (domain: string, selector: string): string => `${selector}._domainkey.${domain}`;

/** The text of its record: for RSA and SHA-256 alone (RFC 8301 §3.1). */
export const dkimText = ({ publicKey }: Pick<DkimPublicKey, 'publicKey'>): string =>
  `v=DKIM1; k=rsa; h=sha256; p=${publicKey}`;

/**
 * The generation of the secret that the server gets: how many keys it has, with those of these domains that are still to be
 * made. Keys are added and never changed, so a plan knows it before they exist.
 */
export const dkimGeneration = (known: Record<string, unknown>, domains: string[]): number =>
  new Set([...Object.keys(known), ...domains]).size;
