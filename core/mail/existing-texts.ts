import { purposeOf } from '../dns/conflicts.ts';
import type { ExistingRecord } from '../dns/existing-record.ts';
import { asLookedUp, type PlannedRecord, plannedContent } from '../dns/record.ts';
import { dmarcTagsBeside, joinDmarcTags } from './dmarc.ts';
import { joinSpfTerms, spfTermsBeside } from './spf.ts';

/**
 * A kind of text of which a name can have only one, so that what an owner's own says has to go into ours. haven.lock has
 * it by name, under the name of the kind.
 */
export interface TextKind {
  purpose: string;
  /** What an owner's text says that ours does not. */
  beside: (ours: string, theirs: string) => string[];
  /** What was known of theirs, and what is found now. */
  join: (known: string[], found: string[]) => string[];
}
export const textKinds = {
  /** RFC 7208 §4.5 */
  spf: { purpose: 'v=spf1', beside: spfTermsBeside, join: joinSpfTerms },
  /** RFC 9989 §4.10 */
  dmarc: { purpose: 'v=dmarc1', beside: dmarcTagsBeside, join: joinDmarcTags },
} satisfies Record<string, TextKind>;

/** What owners' own texts say, by kind, then by name. */
export type KeptTexts = Record<keyof typeof textKinds, Map<string, string[]>>;

/** The texts of a kind among planned records, by name. */
export const textsIn = (kind: TextKind, planned: PlannedRecord[]): Map<string, string> =>
  new Map(
    planned.flatMap((each) =>
      isOf(kind, each, plannedContent(each))
        ? [[each.name, asLookedUp('TXT', plannedContent(each))] as const]
        : [],
    ),
  );

const isOf = ({ purpose }: TextKind, { type }: { type: string }, content: string): boolean =>
  type === 'TXT' && purposeOf(content) === purpose;

/**
 * What the owner's own texts of a kind say besides what ours does, at names where ours is planned, by name. Whichever way
 * theirs makes way for ours, what they said has to be in ours.
 */
export function existingTexts(
  kind: TextKind,
  planned: PlannedRecord[],
  existing: ExistingRecord[],
  mark: string,
): Map<string, string[]> {
  const ours = textsIn(kind, planned);
  const kept = new Map<string, string[]>();
  for (const { name, type, content, comment } of existing) {
    const text = ours.get(name);
    if (comment === mark || text === undefined || !isOf(kind, { type }, content)) continue;
    const theirs = kind.join(kept.get(name) ?? [], kind.beside(text, asLookedUp(type, content)));
    if (theirs.length > 0) kept.set(name, theirs);
  }
  return kept;
}
