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
 * The heart of the agent. Applying a release is a transaction over a journal: an append-only list of entries, each
 * on disk before the next thing happens. Every step has a `do` and an `undo`, both idempotent, and this file decides
 * from the entries alone which comes next. So whatever the moment at which the power goes, reading the journal again
 * says how to go on, and every such moment can be enumerated in a test.
 *
 * The rule: until `commit` is written everything goes back; from then on everything goes forward. A service stays
 * in maintenance between `enter-maintenance` and `leave-maintenance`, so nothing is accepted by a program whose data may still go back.
 * A transaction that was interrupted before its commit is undone, never resumed: the way back is the proven one.
 */

export type Move =
  | { move: 'do'; step: Step }
  | { move: 'undo'; step: Step }
  | { move: 'commit' }
  | { move: 'finish'; outcome: Outcome }
  | { move: 'nothing' };

/** The entries of the last operation in a journal; empty when there was none. */
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

/** The steps that lead to the commit, for this operation. */
export function stepsOf(operation: Operation): readonly Step[] {
  if (!operation.touchesPrograms) return lightSteps;
  if (operation.to === null) return ['enter-maintenance', 'stop-old', 'snapshot', 'switch'];
  return forwardSteps;
}

const has = (entries: Entry[], entry: Entry['entry'], step?: Step): boolean =>
  entries.some(
    (each) => each.entry === entry && (step === undefined || ('step' in each && each.step === step)),
  );

/** What comes next, from the entries of one operation alone. */
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

/** Is this service in maintenance? Decided by the journal alone, so it is again right at boot. */
export function isInMaintenance(entries: Entry[]): boolean {
  return (
    has(entries, 'do', 'enter-maintenance') &&
    !has(entries, 'do', 'leave-maintenance') &&
    !has(entries, 'undo', 'enter-maintenance')
  );
}

/** The release that serves, or shall serve when the open transaction has been undone or finished. */
export function currentRelease(journal: Entry[]): string | null {
  const entries = lastOperation(journal);
  const operation = operationOf(entries);
  if (!operation) return null;
  return has(entries, 'commit') ? operation.to : operation.from;
}

/** Was it taken up more than once? Then what ran before may not run any more. */
export function wasInterrupted(entries: Entry[]): boolean {
  return entries.filter((each) => each.entry === 'run').length > 1;
}

/** Was the new program ever started? Only then can it have touched the data. */
export function wasStarted(entries: Entry[]): boolean {
  return has(entries, 'do', 'start');
}

export function noteOf(entries: Entry[], step: Step): Record<string, unknown> {
  const found = entries.findLast((each) => each.entry === 'did' && each.step === step);
  return found?.entry === 'did' ? (found.note ?? {}) : {};
}
