/**
 * DMARC (RFC 9989, which takes the place of RFC 7489): what others do with mail in the name of a domain that they can't
 * verify, and where they report it. A name has at most one such text; of two, none counts (§4.10).
 */

const version = /^v\s*=\s*DMARC1\s*(?:;|$)/;

/** Values that a tag can have (RFC 9989 §4.7). Of a tag that is not listed here, anything. */
const values: Record<string, RegExp> = {
  p: /^(none|quarantine|reject)$/i,
  sp: /^(none|quarantine|reject)$/i,
  np: /^(none|quarantine|reject)$/i,
  adkim: /^[rs]$/i,
  aspf: /^[rs]$/i,
  t: /^[yn]$/i,
  psd: /^[ynu]$/i,
  pct: /^(100|\d{1,2})$/,
};

/** Tags that RFC 9989 removed, and that change nothing: the format and the interval of reports, which all ignored. */
const removed = ['rf', 'ri'];

/**
 * What is worth keeping of an owner's text if ours takes its place: its tags in order, as `p=reject`, without blanks. What
 * is not valid is left out, since receivers ignore it (§4.7). `pct` was removed: 100 is what holds without it, 0 is now
 * `t=y` (§A.6), and anything between still counts with receivers that follow RFC 7489. Empty for another text.
 */
export function dmarcTags(text: string): string[] {
  if (!version.test(text)) return [];
  const tags = new Map<string, string>();
  for (const part of text.split(';').slice(1)) {
    const [, name, value] = /^\s*([a-z][a-z0-9_-]*)\s*=\s*([!-~]+(?:\s+[!-~]+)*)\s*$/i.exec(part) ?? [];
    if (name === undefined || value === undefined) continue;
    const key = name.toLowerCase();
    const isValid = values[key]?.test(value) ?? true;
    if (isValid && !removed.includes(key) && !tags.has(key)) tags.set(key, value.replaceAll(/\s+/g, ''));
  }
  const percent = tags.get('pct');
  if (percent === '100' || percent === '0') tags.delete('pct');
  if (percent === '0' && !tags.has('t')) tags.set('t', 'y');
  return [...tags].map(([name, value]) => `${name}=${value}`);
}

/**
 * Ours with these tags of the owner's: theirs hold, and ours add what they leave open. The policy for names that do not
 * exist is one of theirs, too, if they have one for all names below the domain (§4.7, `np`).
 */
export function withDmarcTags(ours: string, tags: string[]): string {
  const theirs = new Set(tags.map(nameOf));
  const added = dmarcTags(ours).filter((tag) => {
    const name = nameOf(tag);
    return !theirs.has(name) && !(name === 'np' && theirs.has('sp'));
  });
  const all = [...tags, ...added];
  const isPolicy = (tag: string): boolean => nameOf(tag) === 'p';
  // Receivers that follow RFC 7489 expect the policy right after the version (§6.3).
  return ['v=DMARC1', ...all.filter(isPolicy), ...all.filter((tag) => !isPolicy(tag))].join('; ');
}

/** Of an owner's text, what ours does not say. */
export function dmarcTagsBeside(ours: string, theirs: string): string[] {
  const known = new Set(dmarcTags(ours));
  return dmarcTags(theirs).filter((tag) => !known.has(tag));
}

/** Each tag once, as the later list has it. */
export const joinDmarcTags = (tags: string[], later: string[]): string[] => [
  ...new Map([...tags, ...later].map((tag) => [nameOf(tag), tag])).values(),
];

/** The domains that a text has reports sent to (RFC 9989 §4.7, `rua` and `ruf`). */
export const reportDomains = (text: string): string[] => [
  ...new Set(
    dmarcTags(text)
      .filter((tag) => ['rua', 'ruf'].includes(nameOf(tag)))
      .flatMap((tag) =>
        [...tag.matchAll(/mailto:[^@,]+@([^,!]+)/gi)].map(([, domain = '']) => domain.toLowerCase()),
      ),
  ),
];

const nameOf = (tag: string): string => tag.slice(0, tag.indexOf('='));
