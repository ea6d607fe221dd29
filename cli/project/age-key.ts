import { Decrypter, Encrypter, identityToRecipient } from 'age-encryption';
import { ProblemsError } from '../../core/problem.ts';

/** What a key looks like: 32 bytes in Bech32 (age-encryption.org/v1, "The X25519 recipient type"). */
const keyPattern = /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/;

/** The key in a text, such as a key file with its comment; empty if there is none. */
export const keyIn = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line.startsWith('AGE-SECRET-KEY-')) ?? '';

/** A key that was cut short opens nothing, and nothing may be sealed with it. */
export function assertWholeKey(where: string, key: string): string {
  const fault = keyFault(key);
  if (fault === undefined) return key;
  throw new ProblemsError([
    { where, what: fault, remedy: 'Restore it from the copy that you keep elsewhere.' },
  ]);
}

/** What is wrong with a key, as the rest of a sentence; undefined if it is whole. */
export function keyFault(key: string): string | undefined {
  if (keyPattern.test(key)) return undefined;
  return key === ''
    ? 'has no key: no line begins with AGE-SECRET-KEY.'
    : 'is not a whole key: it was cut short or changed.';
}

/** Encrypts a text for the holders of this key. */
export async function sealWith(key: string, text: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(key));
  return encrypter.encrypt(text);
}

/** Opens what {@link sealWith} made. Throws if it was made for another key ({@link isOtherKey}), or is damaged. */
export async function unsealWith(key: string, sealed: Uint8Array): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(key);
  return decrypter.decrypt(sealed, 'text');
}

/** A whole file that was sealed for others says so, in these words of age-encryption's. */
export const isOtherKey = (error: unknown): boolean =>
  error instanceof Error && /no identity matched/.test(error.message);
