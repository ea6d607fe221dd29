import type { Release } from '../release/release.ts';

interface DataOfRelease {
  /** Whether the operation made it. */
  isNew: boolean;
  /** Whether the new program was ever started. Only then can it have changed the data. */
  isStarted: boolean;
  rollback: Release['data'][string]['rollback'];
}

/** What an undo does with one named data of a service. */
export function undoOfData({ isNew, isStarted, rollback }: DataOfRelease): 'keep' | 'remove' | 'restore' {
  if (isStarted && rollback === 'never') return 'keep';
  if (isNew) return 'remove';
  return isStarted ? 'restore' : 'keep';
}
