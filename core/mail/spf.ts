/**
 * SPF (RFC 7208): which servers may send with a domain in the sender address. A name has at most one such text; two are
 * an error, and then none counts (§4.5).
 */

/** How the version is told from that of other texts: `v=spf10` is not SPF (RFC 7208 §4.5). */
const version = /^v=spf1(?= |$)/i;

/** Each mechanism and what may follow it, as far as it can be told apart from nonsense (RFC 7208 §5, §12). */
const mechanism =
  /^[+?~-]?(all|(a|mx)(:[^/\s]+)?(\/\d{1,2})?(\/\/\d{1,3})?|ptr(:\S+)?|(include|exists):\S+|ip4:[\d.]+(\/\d{1,2})?|ip6:[\da-f:.]+(\/\d{1,3})?)$/i;
const modifier = /^[a-z][\w.-]*=\S*$/i;

/** The end of a text: what holds for all other servers. */
const isAll = (term: string): boolean => /^[+?~-]?all$/i.test(term);

/**
 * What is worth keeping of an owner's text if ours takes its place: the servers that it allows or refuses, in order, then
 * its modifiers. Its end (`-all`) is left out, since ours has one; `redirect=` then has no effect (§6.1) and becomes
 * `include:`, which allows the same servers. What is not valid is left out: it made the whole text void (§4.6).
 */
export function spfTerms(text: string): string[] {
  if (!version.test(text)) return [];
  const terms = text.split(' ').slice(1).filter(Boolean);
  return terms.flatMap((term) => {
    if (isAll(term)) return [];
    const target = /^redirect=(\S+)$/i.exec(term)?.[1];
    if (target) return [`include:${target}`];
    return mechanism.test(term) || modifier.test(term) ? [term] : [];
  });
}

/** Ours with these terms of the owner's, each once: what ours allows, what theirs does, our end, their modifiers. */
export function withSpfTerms(ours: string, terms: string[]): string {
  const [start = '', ...own] = ours.split(' ');
  const known = new Set(own.map(sameTerm));
  const theirs = terms.filter((term) => {
    const isNew = !known.has(sameTerm(term)) && !isAll(term);
    known.add(sameTerm(term));
    return isNew;
  });
  const isModifier = (term: string): boolean => modifier.test(term);
  return [
    start,
    ...own.filter((term) => !isAll(term)),
    ...theirs.filter((term) => !isModifier(term)),
    ...own.filter(isAll),
    ...theirs.filter(isModifier),
  ].join(' ');
}

/** Of an owner's text, what ours does not have. */
export function spfTermsBeside(ours: string, theirs: string): string[] {
  const known = new Set(ours.split(' ').map(sameTerm));
  return spfTerms(theirs).filter((term) => !known.has(sameTerm(term)));
}

/** Each term once. */
export const joinSpfTerms = (terms: string[], more: string[]): string[] => [...new Set([...terms, ...more])];

/** An owner's text and ours as one, so that what they allowed is still allowed. */
export const mergeSpf = (existing: string, ours: string): string => withSpfTerms(ours, spfTerms(existing));

/** Names know no capitals, and `+` is what counts without a sign (RFC 7208 §4.6.2). */
const sameTerm = (term: string): string => term.toLowerCase().replace(/^\+/, '');
