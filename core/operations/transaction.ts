import {
  committedSteps,
  type Entry,
  forwardSteps,
  lightSteps,
  type Operation,
  type Outcome,
  type Step,
} from './entries.ts';

/**
 * The heart of the agent. Applying a release is a transaction over a journal: an append-only list of entries, each on
 * disk before the next thing happens. Every step has a `do` and an `undo`, both idempotent, and this file decides
 * from the entries alone which comes next. So whenever the power fails, reading the journal again says how to
 * continue, and a test can enumerate every such moment.
 *
 * The rule: until `commit` is written everything can be undone; after it everything is finished. A service is in
 * maintenance between `enter-maintenance` and `leave-maintenance`, so no request is accepted by a program whose data
 * may still be rolled back. A transaction that was interrupted before its commit is undone, never resumed: the old
 * release is known to work.
 */

export type Move =
  | { move: 'do'; step: Step }
  | { move: 'undo'; step: Step }
  | { move: 'commit' }
  | { move: 'finish'; outcome: Outcome }
  | { move: 'nothing' };

/** The entries of a journal's last operation; empty when there was none. */
export function lastOperation(journal: Entry[]): Entry[] {
  const start = journal.findLastIndex((each) => each.entry === 'open');
  return start < 0 ? [] : journal.slice(start);
}

/** The entries of the last operation if it is not finished. */
export function unfinished(journal: Entry[]): Entry[] {
  const entries = lastOperation(journal);
  return entries.some((each) => each.entry === 'finished') ? [] : entries;
}

export function operationOf(entries: Entry[]): Operation | undefined {
  const first = entries[0];
  return first?.entry === 'open' ? first.operation : undefined;
}

/** The steps up to the commit, for this operation. */
export function stepsOf(operation: Operation): readonly Step[] {
  if (!operation.touchesPrograms) return lightSteps;
  if (operation.to === null) return ['enter-maintenance', 'stop-old', 'snapshot', 'switch'];
  return forwardSteps;
}

const has = (entries: Entry[], entry: Entry['entry'], step?: Step): boolean =>
  entries.some(
    (each) => each.entry === entry && (step === undefined || ('step' in each && each.step === step)),
  );

/** What comes next, decided from the entries of one operation. */
export function nextStep(entries: Entry[]): Move {
  const operation = operationOf(entries);
  if (!operation || has(entries, 'finished')) return { move: 'nothing' };

  if (has(entries, 'commit')) {
    const step = committedSteps.find((each) => !has(entries, 'did', each));
    return step ? { move: 'do', step } : { move: 'finish', outcome: 'committed' };
  }

  if (wasInterrupted(entries) || has(entries, 'failed')) {
    const step = stepsOf(operation).findLast(
      (each) => has(entries, 'do', each) && !has(entries, 'undid', each),
    );
    return step ? { move: 'undo', step } : { move: 'finish', outcome: 'undone' };
  }

  const step = stepsOf(operation).find((each) => !has(entries, 'did', each));
  return step ? { move: 'do', step } : { move: 'commit' };
}

/** Whether this service is in maintenance. Decided from the journal alone, so it is also right at boot. */
export function isInMaintenance(entries: Entry[]): boolean {
  return (
    has(entries, 'do', 'enter-maintenance') &&
    !has(entries, 'do', 'leave-maintenance') &&
    !has(entries, 'undo', 'enter-maintenance')
  );
}

/** The release that runs, or will run once the open transaction has been undone or finished. */
export function currentRelease(journal: Entry[]): string | null {
  const entries = lastOperation(journal);
  const operation = operationOf(entries);
  if (!operation) return null;
  return has(entries, 'commit') ? operation.to : operation.from;
}

/** Whether more than one process worked on it. Then whatever ran before may no longer be running. */
export function wasInterrupted(entries: Entry[]): boolean {
  return entries.filter((each) => each.entry === 'run').length > 1;
}

/** Whether the new program was ever started. Only then can it have changed the data. */
export function wasStarted(entries: Entry[]): boolean {
  return has(entries, 'do', 'start');
}

export function noteOf(entries: Entry[], step: Step): Record<string, unknown> {
  const found = entries.findLast((each) => each.entry === 'did' && each.step === step);
  return found?.entry === 'did' ? (found.note ?? {}) : {};
}
