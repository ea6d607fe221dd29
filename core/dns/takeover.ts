import type { ExistingRecord } from './existing-record.ts';
import type { PlannedRecord } from './record.ts';

/**
 * An owner's record that had to be removed before ours could be created. Most DNS providers refuse an A record beside
 * a CNAME, so for a moment neither exists. A removal is therefore written down before it is made. It is final once
 * everything that is planned for the name exists, which for a web name means address, certificate and running
 * service. Until then it is undone: by the same run if that fails, by the next `haven plan` or `haven up` if that was
 * interrupted.
 */
export interface Removal {
  existing: ExistingRecord;
  /** What must exist at the name before the removal is final, by type and number: two TLSA, one A. */
  awaited: Record<string, number>;
}

/** The removal of a record in favour of what is planned at its name. */
export function removalOf(existing: ExistingRecord, planned: PlannedRecord[]): Removal {
  const awaited: Record<string, number> = {};
  for (const { name, type } of planned) if (name === existing.name) awaited[type] = (awaited[type] ?? 0) + 1;
  return { existing, awaited };
}

/** What to do about a removal, given the zone's current records. */
export type Verdict =
  /** Everything that was planned exists. */
  | { verdict: 'finished' }
  /** The owner's record exists again. */
  | { verdict: 'back' }
  /** Remove our records that exclude the owner's, then restore the owner's. */
  | { verdict: 'put-back'; remove: ExistingRecord[] };

export function judgeRemoval({ existing, awaited }: Removal, zone: ExistingRecord[], mark: string): Verdict {
  const { name, type, content } = existing;
  const here = zone.filter((each) => each.name === name);
  const ours = here.filter((each) => each.comment === mark);
  if (here.some((each) => each.comment !== mark && each.type === type && each.content === content))
    return { verdict: 'back' };
  const isComplete = Object.entries(awaited).every(
    ([awaitedType, count]) => ours.filter((each) => each.type === awaitedType).length >= count,
  );
  if (isComplete) return { verdict: 'finished' };
  const excludesIt = (each: ExistingRecord): boolean =>
    type === 'CNAME' || each.type === 'CNAME' || each.type === type;
  return { verdict: 'put-back', remove: ours.filter(excludesIt) };
}
