import type { Entry } from './entries.ts';
import { stuckAt } from './transaction.ts';

/**
 * How far an operation is, for the call that started it and waits for its end. `isAlive`: whether the systemd unit of its
 * service is running, as it was before the journal was read.
 */
export type Following =
  | 'running'
  | 'finished'
  /** It begins when the open operation before it has ended. */
  | 'waiting'
  /** It can't be undone, or finished. The agent continues to try. */
  | 'stuck'
  /** Its unit ended before it began, so it will not be carried out. */
  | 'not begun';

export function judgeFollowing(journal: Entry[], op: string, isAlive: boolean): Following {
  const entries = entriesOf(journal, op);
  if (entries.some((each) => each.entry === 'finished')) return 'finished';
  if (entries.length === 0) return isAlive ? 'waiting' : 'not begun';
  return stuckAt(entries) ? 'stuck' : 'running';
}

/** The entries of one operation. */
export const entriesOf = (journal: Entry[], op: string): Entry[] =>
  journal.filter((each) => (each.entry === 'open' ? each.operation.id === op : each.op === op));
