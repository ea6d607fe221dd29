import { purposeOf } from '../dns/conflicts.ts';
import type { ExistingRecord } from '../dns/existing-record.ts';
import { asLookedUp, type PlannedRecord, plannedContent } from '../dns/record.ts';
import { spfTermsBeside } from './spf.ts';

/** The SPF texts among planned records, by name. */
export const spfTextsIn = (planned: PlannedRecord[]): Map<string, string> =>
  new Map(
    planned.flatMap((each) =>
      isSpf(each, plannedContent(each))
        ? [[each.name, asLookedUp('TXT', plannedContent(each))] as const]
        : [],
    ),
  );

const isSpf = ({ type }: { type: string }, content: string): boolean =>
  type === 'TXT' && purposeOf(content) === 'v=spf1';

/**
 * What the owner's own SPF texts allow besides what ours does, at names where ours is planned, by name. A name can't have
 * two (RFC 7208 §4.5), so whichever way theirs makes way for ours, what they allowed has to be in ours.
 */
export function existingSpf(
  planned: PlannedRecord[],
  existing: ExistingRecord[],
  mark: string,
): Map<string, string[]> {
  const ours = spfTextsIn(planned);
  const terms = new Map<string, string[]>();
  for (const { name, type, content, comment } of existing) {
    const text = ours.get(name);
    if (comment === mark || text === undefined || !isSpf({ type }, content)) continue;
    const theirs = [...(terms.get(name) ?? []), ...spfTermsBeside(text, asLookedUp(type, content))];
    if (theirs.length > 0) terms.set(name, theirs);
  }
  return terms;
}
