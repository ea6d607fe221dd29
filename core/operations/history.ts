import { describeStuck } from './describe-stuck.ts';
import type { Entry, Task } from './entries.ts';
import { stuckAt } from './transaction.ts';

/** One operation on a service, as `haven history` shows it. */
export interface PastOperation {
  service: string;
  op: string;
  at: string;
  from: string | null;
  to: string | null;
  /** The programs' own versions; left out where they are not known. */
  versions?: { from?: string; to?: string };
  /** What it was for; left out for a deploy. */
  task?: Task;
  /** Who deployed it, `user@machine`; left out where that is not known. */
  by?: string;
  outcome: 'committed' | 'undone' | 'open';
  /** What does not work although the operation is over, or what keeps an open one from ending. */
  unwell?: string;
  /** Who aborted it: `user@machine`, or the next operation. */
  abortedBy?: string;
  /** How long the service was unreachable; undefined if it never stopped. */
  stoppedSeconds: number | undefined;
  why: string | undefined;
}

export function historyOf(journal: Entry[]): PastOperation[] {
  return journal.flatMap((entry, index) => {
    if (entry.entry !== 'open') return [];
    const next = journal.findIndex((each, position) => position > index && each.entry === 'open');
    const entries = journal.slice(index, next < 0 ? undefined : next);
    const finished = entries.find((each) => each.entry === 'finished');
    const failed = entries.find((each) => each.entry === 'failed');
    const inMaintenance = entries.find((each) => each.entry === 'do' && each.step === 'enter-maintenance');
    const maintenanceEnded = entries.findLast(
      (each) =>
        (each.entry === 'did' && each.step === 'leave-maintenance') ||
        (each.entry === 'undid' && each.step === 'enter-maintenance'),
    );
    const aborted = entries.find((each) => each.entry === 'abort');
    const stuck = stuckAt(entries);
    const unwell = finished?.entry === 'finished' ? finished.unwell : stuck && describeStuck(stuck);
    const { service, id, from, to, versions, by, task } = entry.operation;
    return [
      {
        service,
        op: id,
        at: entry.at,
        from,
        to,
        ...(versions ? { versions } : {}),
        ...(by === undefined ? {} : { by }),
        ...(task === undefined ? {} : { task }),
        outcome: finished?.entry === 'finished' ? finished.outcome : ('open' as const),
        ...(unwell === undefined ? {} : { unwell }),
        ...(aborted?.entry === 'abort' ? { abortedBy: aborted.by } : {}),
        stoppedSeconds:
          inMaintenance && maintenanceEnded
            ? Math.round((Date.parse(maintenanceEnded.at) - Date.parse(inMaintenance.at)) / 1000)
            : undefined,
        why: failed?.entry === 'failed' ? `${failed.step}: ${failed.why}` : undefined,
      },
    ];
  });
}

/** The ids of the operations that were undone. */
export const undoneOperations = (journal: Entry[]): string[] =>
  historyOf(journal).flatMap((each) => (each.outcome === 'undone' ? [each.op] : []));

/** The releases that ran before the current one, newest first. */
export function formerReleases(journal: Entry[]): string[] {
  const served = historyOf(journal)
    .filter((each) => each.outcome === 'committed' && each.to !== null)
    .map((each) => each.to!)
    .reverse();
  const [current, ...before] = served;
  return [...new Set(before)].filter((hash) => hash !== current);
}

/** The last restore that was not undone: what was there before it is in the snapshot of this operation. */
export const lastRestore = (journal: Entry[]): PastOperation | undefined =>
  historyOf(journal).findLast(({ task, outcome }) => task?.kind === 'restore' && outcome === 'committed');
