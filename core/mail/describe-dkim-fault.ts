/**
 * What is wrong with a DKIM record, in words: two long keys beside each other tell an owner nothing. Undefined where the keys are
 * the same and something else differs.
 */
export function describeDkimFault(expected: string, found: string): string | undefined {
  const [wanted, seen] = [keyOf(expected), keyOf(found)];
  if (wanted === undefined || seen === wanted) return undefined;
  if (seen === undefined) return 'it has no key (p=)';
  if (seen === '') return 'its key is revoked (p= is empty): no signature of this domain counts';
  if (wanted.startsWith(seen))
    return `its key is cut off after ${seen.length} of ${wanted.length} characters`;
  return 'it has another key than the one that signs on the server';
}

/** Blanks may be anywhere in it (RFC 6376 §3.6.1). */
const keyOf = (text: string): string | undefined =>
  /(?:^|;)\s*p\s*=([^;]*)/.exec(text)?.[1]?.replaceAll(/\s+/g, '');
