import { purposeOf } from '../dns/conflicts.ts';
import type { ExistingRecord } from '../dns/existing-record.ts';
import { asLookedUp, type PlannedRecord, plannedContent } from '../dns/record.ts';
import { spfTerms } from './spf.ts';

/** Whether a record is an SPF text. */
export const isSpf = ({ type }: { type: string }, content: string): boolean =>
  type === 'TXT' && purposeOf(content) === 'v=spf1';

/**
 * What the owner's own SPF texts allow at names where ours is planned, by name. A name can't have two (RFC 7208 §4.5), so
 * whichever way theirs makes way for ours, what they allowed has to be in ours.
 */
export function existingSpf(
  planned: PlannedRecord[],
  existing: ExistingRecord[],
  mark: string,
): Map<string, string[]> {
  const names = planned.filter((each) => isSpf(each, plannedContent(each))).map(({ name }) => name);
  const theirs = existing.filter(
    (each) => each.comment !== mark && names.includes(each.name) && isSpf(each, each.content),
  );
  const terms = new Map<string, string[]>();
  for (const { name, type, content } of theirs)
    terms.set(name, [...(terms.get(name) ?? []), ...spfTerms(asLookedUp(type, content))]);
  return terms;
}
