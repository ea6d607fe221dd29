import { nearest, type Problem } from '../problem.ts';
import type { ExistingRecord } from './existing-record.ts';
import { type PlannedRecord, plannedContent, recordKey } from './record.ts';

/** An owner's record that can't be beside planned ones. Each existing record is one conflict, whatever it is in the way of. */
export interface DnsConflict {
  /** What the owner types to answer: `www.example.org CNAME`, with its content where several have that name and type. */
  key: string;
  existing: ExistingRecord;
  /** Planned records that need its place. */
  planned: PlannedRecord[];
}

/** What an owner said yes to, by key: records that become ours and keep their place, and records that are removed. */
export interface ConflictAnswers {
  adopt: string[];
  replace: string[];
}

/** A conflict and what becomes of it; `adopt` says as which planned record. */
export type AnsweredConflict = DnsConflict &
  ({ answer: 'open' | 'replace' } | { answer: 'adopt'; as: PlannedRecord });

/** Existing records that are not ours and can't be beside what is planned. */
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

/** Can these two records not be beside each other? */
function excludes(planned: PlannedRecord, existing: ExistingRecord): boolean {
  if (planned.name !== existing.name) return false;
  // An alias is alone at its name (RFC 1034 §3.6.2).
  if (planned.type === 'CNAME' || existing.type === 'CNAME') return true;
  if (planned.type !== existing.type) return false;
  if (plannedContent(planned) === existing.content) return true;
  switch (planned.type) {
    case 'CAA':
      // Each property is a question of its own (RFC 8659 §4); of places to report to there may be several (§4.4).
      return planned.tag !== 'iodef' && existing.content.split(' ')[1]?.toLowerCase() === planned.tag;
    case 'TXT': {
      // A name has texts for many purposes. Of SPF, DKIM and DMARC there is one each (RFC 7208 §3.2, RFC 7489 §6.6.3).
      const purpose = purposeOf(plannedContent(planned));
      return purpose !== undefined && purpose === purposeOf(existing.content);
    }
    default:
      return true;
  }
}

/** `v=spf1` of an SPF record, `v=dkim1` of a key: what says which protocol a text belongs to. */
const purposeOf = (content: string): string | undefined =>
  /^"(v=[a-z0-9]+)/i.exec(content)?.[1]?.toLowerCase();

/** May an owner keep this record, and let haven manage it? Only as a record of its own type. */
export const isAdoptable = ({ existing, planned }: DnsConflict): boolean =>
  planned.some((record) => record.type === existing.type);

/** Joins conflicts with their owner's answers. An answer that fits no conflict is a problem: a typo must not look like consent. */
export function answerConflicts(
  conflicts: DnsConflict[],
  answers: ConflictAnswers,
  planned: PlannedRecord[],
): { answered: AnsweredConflict[]; problems: Problem[] } {
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

function unknownAnswers(
  flag: string,
  keys: string[],
  conflicts: DnsConflict[],
  planned: PlannedRecord[],
): Problem[] {
  const known = conflicts.map((each) => each.key);
  // What was answered before is settled by now: the same command twice is a success.
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

/** A key as a shell takes it; texts have quotes of their own. */
export const shellQuoted = (key: string): string => (key.includes('"') ? `'${key}'` : `"${key}"`);

/** What an owner has to decide before anything is changed. */
export function openConflictProblems(conflicts: AnsweredConflict[]): Problem[] {
  return conflicts
    .filter((each) => each.answer === 'open')
    .map((conflict) => {
      const { name, type, content } = conflict.existing;
      const { key } = conflict;
      const replace = `To remove it and use its place: haven up --replace ${shellQuoted(key)}`;
      return {
        where: `DNS ${key}`,
        what: `a record for ${name} already exists and is not managed by OpenHaven (${type} ${content}). Nothing was changed.`,
        remedy: isAdoptable(conflict)
          ? `To keep it and let haven manage it: haven up --adopt ${shellQuoted(key)}   ${replace}`
          : replace,
      };
    });
}
