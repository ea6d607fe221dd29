import type { ExistingRecord } from './existing-record.ts';
import { type PlannedRecord, recordKey } from './record.ts';

/**
 * An owner's record that makes way for ours, in one of two ways. It is removed before ours is created: most DNS
 * providers refuse an A record beside a CNAME, so for a moment neither exists. Or it is adopted: it becomes ours, and
 * the engine changes it in place. Either is written down before anything is changed, and undone unless it becomes
 * final: by the same run if that fails, by the next `haven plan`, `up` or `destroy` if that was interrupted. It is
 * final once `up` has succeeded. Of an interrupted run the zone tells: the records that a takeover awaits are created
 * after everything else.
 */
export type Takeover = Removal | Adoption;

export interface Removal {
  how: 'removed';
  existing: ExistingRecord;
  /** What must exist at the name before the removal is final, by type and number: two TLSA, one A. */
  awaited: Record<string, number>;
}

export interface Adoption {
  how: 'adopted';
  existing: ExistingRecord;
  /** The engine's resource that it becomes. */
  as: string;
  /** As for a removal. Empty for a name whose records exist before its services: then only success is final. */
  awaited: Record<string, number>;
}

/** The removal of a record in favour of everything that is planned at its name. */
export const removalOf = (existing: ExistingRecord, planned: PlannedRecord[]): Removal => ({
  how: 'removed',
  existing,
  awaited: countTypes(planned.filter(({ name }) => name === existing.name)),
});

/** The adoption of a record. Its name's addresses may exist long before anything answers there, so they don't count. */
export const adoptionOf = (
  existing: ExistingRecord,
  as: PlannedRecord,
  planned: PlannedRecord[],
): Adoption => ({
  how: 'adopted',
  existing,
  as: recordKey(as),
  awaited: countTypes(planned.filter(({ name, stage }) => name === existing.name && stage === 'live')),
});

function countTypes(records: PlannedRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of records) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

/** What to do about a takeover, given the zone's current records. */
export type Verdict =
  /** Everything that it awaits exists, or the owner has deleted the record. */
  | { verdict: 'finished' }
  /** The owner's record is as it was. */
  | { verdict: 'back' }
  /** Remove our records that exclude the owner's, then restore the owner's. */
  | { verdict: 'put-back'; remove: ExistingRecord[] };

export const judgeTakeover = (takeover: Takeover, zone: ExistingRecord[], mark: string): Verdict =>
  takeover.how === 'removed' ? judgeRemoval(takeover, zone, mark) : judgeAdoption(takeover, zone, mark);

function judgeRemoval({ existing, awaited }: Removal, zone: ExistingRecord[], mark: string): Verdict {
  const { name, type, content } = existing;
  const here = zone.filter((each) => each.name === name);
  const ours = here.filter((each) => each.comment === mark);
  if (here.some((each) => each.comment !== mark && each.type === type && each.content === content))
    return { verdict: 'back' };
  if (isComplete(awaited, ours)) return { verdict: 'finished' };
  const excludesIt = (each: ExistingRecord): boolean =>
    type === 'CNAME' || each.type === 'CNAME' || each.type === type;
  return { verdict: 'put-back', remove: ours.filter(excludesIt) };
}

/** The engine marks a record with the same call that changes it. One without our mark is unchanged. */
function judgeAdoption({ existing, awaited }: Adoption, zone: ExistingRecord[], mark: string): Verdict {
  const now = zone.find((each) => each.id === existing.id);
  if (!now) return { verdict: 'finished' };
  if (now.comment !== mark) return { verdict: 'back' };
  const ours = zone.filter((each) => each.name === existing.name && each.comment === mark);
  const isFinal = Object.keys(awaited).length > 0 && isComplete(awaited, ours);
  return isFinal ? { verdict: 'finished' } : { verdict: 'put-back', remove: [] };
}

const isComplete = (awaited: Record<string, number>, ours: ExistingRecord[]): boolean =>
  Object.entries(awaited).every(([type, count]) => ours.filter((each) => each.type === type).length >= count);
