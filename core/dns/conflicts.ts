import { nearest, type Problem } from '../problem.ts';
import type { ExistingRecord } from './existing-record.ts';
import { asLookedUp, type PlannedRecord, plannedContent, recordKey } from './record.ts';

/**
 * An owner's record that can't exist beside planned ones. Each existing record is one conflict, however many planned
 * ones it blocks.
 */
export interface DnsConflict {
  /** What the owner types to decide: `www.example.org CNAME`, with its content if several have that name and type. */
  key: string;
  existing: ExistingRecord;
  /** Planned records that need its place. */
  planned: PlannedRecord[];
}

/** An owner's decisions, by key: records that become ours and keep their place, and records that are removed. */
export interface ConflictAnswers {
  adopt: string[];
  replace: string[];
}

/** A conflict with its decision; `adopt` says which planned record it becomes. */
export type AnsweredConflict = DnsConflict &
  ({ answer: 'open' | 'replace' } | { answer: 'adopt'; as: PlannedRecord });

/** Existing records that are not ours and can't exist beside the planned ones. */
export function dnsConflicts(
  planned: PlannedRecord[],
  existing: ExistingRecord[],
  mark: string,
): DnsConflict[] {
  const conflicts = existing
    .filter((each) => each.comment !== mark)
    .map((each) => ({ existing: each, planned: planned.filter((record) => excludes(record, each)) }))
    .filter((each) => each.planned.length > 0);
  const shortKey = ({ existing: { name, type } }: { existing: ExistingRecord }) => `${name} ${type}`;
  return conflicts.map((each) => {
    const alike = conflicts.filter((other) => shortKey(other) === shortKey(each));
    const key = alike.length === 1 ? shortKey(each) : `${shortKey(each)} ${each.existing.content}`;
    return { key, ...each };
  });
}

/** Whether these two records can't exist side by side. */
function excludes(planned: PlannedRecord, existing: ExistingRecord): boolean {
  if (planned.name !== existing.name) return false;
  // An alias must be the only record of its name (RFC 1034 §3.6.2). The top of a zone has others in any case (RFC 1912
  // §2.4), so a provider that takes one there answers with the addresses that it leads to.
  if (planned.type === 'CNAME') return true;
  if (existing.type === 'CNAME') return planned.name !== planned.zone || isAddress(planned);
  if (planned.type !== existing.type) return false;
  if (plannedContent(planned) === existing.content) return true;
  switch (planned.type) {
    case 'CAA':
      // Each property is separate (RFC 8659 §4); several places to report to are allowed (§4.4).
      return planned.tag !== 'iodef' && existing.content.split(' ')[1]?.toLowerCase() === planned.tag;
    case 'TXT': {
      // A name has texts for many purposes. Only one each is allowed of SPF, DKIM and DMARC (RFC 7208 §3.2, RFC 7489
      // §6.6.3).
      // A key's name has one text (RFC 6376 §3.6.2.2); it need not say its purpose, and ours may not be known yet.
      if (planned.name.includes('._domainkey.')) return true;
      const purpose = purposeOf(plannedContent(planned));
      return purpose !== undefined && purpose === purposeOf(existing.content);
    }
    default:
      return true;
  }
}

const isAddress = ({ type }: PlannedRecord): boolean => type === 'A' || type === 'AAAA';

/**
 * `v=spf1` of an SPF record, `v=dkim1` of a key: the part that says which protocol a text belongs to. The strings of a
 * record count as one text (RFC 7208 §3.3), and a list of tags may have blanks around `=` (RFC 6376 §3.2).
 */
export const purposeOf = (content: string): string | undefined =>
  /^v\s*=\s*[a-z0-9]+(?=[\s;]|$)/i.exec(asLookedUp('TXT', content))?.[0].replaceAll(/\s/g, '').toLowerCase();

/** The SPF or DMARC text that an owner's one and ours become together, whether theirs is adopted or replaced. */
export function mergedText({ existing, planned }: DnsConflict): string | undefined {
  const purpose = existing.type === 'TXT' ? purposeOf(existing.content) : undefined;
  if (purpose !== 'v=spf1' && purpose !== 'v=dmarc1') return undefined;
  return planned.map(plannedContent).find((content) => purposeOf(content) === purpose);
}

/** Whether an owner can keep this record and let haven manage it: only as a record of its own type. */
export const isAdoptable = ({ existing, planned }: DnsConflict): boolean =>
  planned.some((record) => record.type === existing.type);

/**
 * Joins conflicts with the owner's decisions. A decision that fits no conflict is a problem: a typo must not look
 * like consent.
 */
export function answerConflicts(
  conflicts: DnsConflict[],
  typed: ConflictAnswers,
  planned: PlannedRecord[],
): { answered: AnsweredConflict[]; problems: Problem[] } {
  const answers = { adopt: typed.adopt.map(asKey), replace: typed.replace.map(asKey) };
  const problems = [
    ...unknownAnswers('--adopt', answers.adopt, conflicts, planned),
    ...unknownAnswers('--replace', answers.replace, conflicts, planned),
  ];
  const taken = new Set<string>();
  const answered = conflicts.map((conflict): AnsweredConflict => {
    const isToBeReplaced = answers.replace.includes(conflict.key);
    if (!answers.adopt.includes(conflict.key))
      return { ...conflict, answer: isToBeReplaced ? 'replace' : 'open' };
    const as = conflict.planned.find(
      (record) => record.type === conflict.existing.type && !taken.has(recordKey(record)),
    );
    if (as && !isToBeReplaced) {
      taken.add(recordKey(as));
      return { ...conflict, answer: 'adopt', as };
    }
    problems.push({
      where: `--adopt "${conflict.key}"`,
      what: isToBeReplaced
        ? 'you also gave --replace for this record. Nothing was changed.'
        : isAdoptable(conflict)
          ? `another ${conflict.existing.type} record of this name is adopted already. Nothing was changed.`
          : `there is no planned ${conflict.existing.type} record that it could become. Nothing was changed.`,
      remedy: isToBeReplaced
        ? 'Give one of the two.'
        : `Run: haven up --replace ${shellQuoted(conflict.key)}`,
    });
    return { ...conflict, answer: 'open' };
  });
  return { answered, problems };
}

/** `WWW.example.org a` as a key: DNS knows no capitals in names (RFC 4343). */
const asKey = (typed: string): string =>
  typed
    .trim()
    .replace(
      /^(\S+)\s+(\S+)/,
      (_, name: string, type: string) => `${name.toLowerCase()} ${type.toUpperCase()}`,
    );

function unknownAnswers(
  flag: string,
  keys: string[],
  conflicts: DnsConflict[],
  planned: PlannedRecord[],
): Problem[] {
  const known = conflicts.map((each) => each.key);
  // A conflict decided before is settled by now, so the same command twice is a success.
  const isSettled = (key: string) =>
    planned.some((record) => record.name === key.split(' ')[0]) &&
    !known.some((each) => each.startsWith(`${key} `));
  return keys
    .filter((key) => !known.includes(key) && !isSettled(key))
    .map((key) => {
      const near = nearest(key, known);
      const there = known.length > 0 ? `Conflicts: ${known.join(', ')}.` : 'There are no conflicts.';
      return {
        where: `${flag} "${key}"`,
        what: 'no such DNS conflict. Nothing was changed.',
        remedy: near ? `Did you mean "${near}"?` : there,
      };
    });
}

/** A key in quotes for a shell; texts contain quotes of their own. */
export const shellQuoted = (key: string): string => (key.includes('"') ? `'${key}'` : `"${key}"`);

/** What an owner has to decide before anything is changed. */
export function openConflictProblems(conflicts: AnsweredConflict[]): Problem[] {
  return conflicts
    .filter((each) => each.answer === 'open')
    .map((conflict) => {
      const { name, type, content } = conflict.existing;
      const { key } = conflict;
      const replace = `To remove it and use its place: haven up --replace ${shellQuoted(key)}`;
      const merged = mergedText(conflict);
      const together = merged === undefined ? '' : ` With ours it becomes ${merged}.`;
      return {
        where: `DNS ${key}`,
        what: `a record for ${name} already exists and is not managed by OpenHaven (${type} ${content}).${together} Nothing was changed.`,
        remedy: isAdoptable(conflict)
          ? `To keep it and let haven manage it: haven up --adopt ${shellQuoted(key)}   ${replace}`
          : replace,
      };
    });
}
