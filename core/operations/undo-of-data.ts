import type { Release } from '../release/release.ts';

interface DataOfRelease {
  /** Whether the operation made it. */
  isNew: boolean;
  /** Whether the new program was ever started. Only then can it have changed the data. */
  isStarted: boolean;
  /** Whether a restore put other data in its place. Nothing was accepted since, so going back loses nothing. */
  isReplaced?: boolean;
  rollback: Release['data'][string]['rollback'];
}

/** What an undo does with one named data of a service. */
export function undoOfData({
  isNew,
  isStarted,
  isReplaced = false,
  rollback,
}: DataOfRelease): 'keep' | 'remove' | 'restore' {
  if (isReplaced) return isNew ? 'remove' : 'restore';
  if (isStarted && rollback === 'never') return 'keep';
  if (isNew) return 'remove';
  return isStarted ? 'restore' : 'keep';
}
