import {
  backupSteps,
  committedSteps,
  type Entry,
  forwardSteps,
  lightSteps,
  type Note,
  type Operation,
  type Outcome,
  restoreSteps,
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
 *
 * Undone means as it was, not healthy: a service that was unhealthy before is started again and may be unhealthy. An undo
 * that fails is tried again. After a few tries the operation is stuck: the next operation takes its place, or its owner
 * aborts it. Either is possible once the data is as it was, and after the commit; before, the undo has to succeed.
 */

export type Move =
  | { move: 'do'; step: Step }
  | { move: 'undo'; step: Step }
  | { move: 'commit' }
  | { move: 'finish'; outcome: Outcome; unwell?: string }
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
  // Of a service that its owner stopped nothing runs, so there is nothing to stop and start.
  if (operation.task?.kind === 'backup') return operation.touchesPrograms ? backupSteps : ['snapshot'];
  if (operation.task?.kind === 'restore') return restoreSteps;
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
    return step ? { move: 'do', step } : finish('committed', entries);
  }

  if (wasInterrupted(entries) || has(entries, 'failed') || has(entries, 'abort')) {
    const step = stepsOf(operation).findLast(
      (each) => has(entries, 'do', each) && !has(entries, 'undid', each),
    );
    return step ? { move: 'undo', step } : finish('undone', entries);
  }

  const step = stepsOf(operation).find((each) => !has(entries, 'did', each));
  return step ? { move: 'do', step } : { move: 'commit' };
}

function finish(outcome: Outcome, entries: Entry[]): Move {
  const unwell = entries
    .flatMap((each) => (each.entry === 'did' || each.entry === 'undid' ? (each.note?.unwell ?? []) : []))
    .at(-1);
  return { move: 'finish', outcome, ...(unwell === undefined ? {} : { unwell }) };
}

/** In how many runs of the agent a step has to fail before its operation is stuck. Each run tries several times. */
const runsUntilStuck = 3;

/** Where an operation is stuck. */
export interface Stuck {
  step: Step;
  why: string;
  /** Whether it may be ended without this step. */
  canEnd: boolean;
}

/** The step that an operation tried a few times and can't complete; undefined while it may still complete it. */
export function stuckAt(entries: Entry[]): Stuck | undefined {
  const next = nextStep(entries);
  if (next.move !== 'do' && next.move !== 'undo') return undefined;
  const failures = entries.flatMap((each) =>
    each.entry === 'retry' && each.step === next.step ? [each.why] : [],
  );
  if (failures.length < runsUntilStuck) return undefined;
  return { step: next.step, why: failures.at(-1)!, canEnd: canEndWithout(entries, next.step) };
}

/**
 * Whether an aborted operation may end although this step fails. An undo has to stop the new program and restore the
 * data; what comes after that, and what comes after a commit, changes no data.
 */
export function canEndWithout(entries: Entry[], step: Step): boolean {
  const changesData = operationOf(entries)?.touchesPrograms ?? true;
  return !changesData || !['snapshot', 'switch', 'replace', 'start', 'check'].includes(step);
}

export const isAborted = (entries: Entry[]): boolean => has(entries, 'abort');

export const isCommitted = (entries: Entry[]): boolean => has(entries, 'commit');

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

/** Whether a restore began to put other data in the place of what was there. */
export function wasReplaced(entries: Entry[]): boolean {
  return has(entries, 'do', 'replace');
}

export function noteOf(entries: Entry[], step: Step): Note {
  const found = entries.findLast((each) => each.entry === 'did' && each.step === step);
  return found?.entry === 'did' ? (found.note ?? {}) : {};
}
