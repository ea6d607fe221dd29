import { randomBytes } from 'node:crypto';

/** Small letters and digits that can't be confused on paper or on the phone: without l, o, 0 and 1. */
const letters = 'abcdefghijkmnpqrstuvwxyz23456789';

/** A password of at least 80 bits in groups of four, easy to read out or to type from paper. */
export function readablePassword(minimumLength = 0): string {
  const groups = Math.max(4, Math.ceil((minimumLength + 1) / 5));
  // 256 is a multiple of 32, so every character is equally likely.
  const all = Array.from(randomBytes(groups * 4), (byte) => letters[byte % letters.length]).join('');
  return all.match(/.{4}/g)!.join('-');
}
