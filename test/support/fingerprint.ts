/** What a cloud is made of, as sorted lines under a heading each; two are equal when nothing is left behind. */
export type Fingerprint = Record<string, string[]>;

/** What differs, one line each: what is gone with "-", what came with "+". */
export function differences(before: Fingerprint, after: Fingerprint): string[] {
  const headings = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return headings.flatMap((heading) => {
    const gone = without(before[heading] ?? [], after[heading] ?? []);
    const came = without(after[heading] ?? [], before[heading] ?? []);
    return [...gone.map((line) => `${heading}: - ${line}`), ...came.map((line) => `${heading}: + ${line}`)];
  });
}

/** The lines of `all` that `taken` has not; a line that is there twice counts twice. */
function without(all: string[], taken: string[]): string[] {
  const left = [...taken];
  return all.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/**
 * The entries of an LDIF (RFC 2849), one line each. A password is shown as `[set]`: a changed one makes no difference,
 * an added one does.
 */
export function ldifEntries(ldif: string): string[] {
  return ldif
    .replaceAll('\n ', '')
    .split(/\n{2,}/)
    .map((entry) => entry.split('\n').filter((line) => line && !line.startsWith('#')))
    .filter((lines) => lines.length > 0)
    .map(([dn, ...attributes]) => {
      const shown = attributes.map((each) => each.replace(/^(userPassword):.*/, '$1: [set]'));
      return [dn, ...shown.sort()].join('; ');
    })
    .sort();
}
