import { setTimeout as sleep } from 'node:timers/promises';
import { describeStuck } from '../../core/operations/describe-stuck.ts';
import type {
  Entry,
  Note,
  Operation,
  Outcome,
  Step,
  Task,
  WantedOperation,
} from '../../core/operations/entries.ts';
import { undoneOperations } from '../../core/operations/history.ts';
import {
  canEndWithout,
  currentRelease,
  isAborted,
  isCommitted,
  lastOperation,
  type Move,
  nextStep,
  operationOf,
  stuckAt,
  unfinished,
} from '../../core/operations/transaction.ts';
import { touchesPrograms } from '../../core/release/release.ts';
import { removeSnapshots } from '../data/subvolumes.ts';
import { isRunning } from '../effects/containers.ts';
import { hasBundle, loadBundle } from '../store/bundle-store.ts';
import { crashPoint } from '../store/crash-point.ts';
import { appendEntry, readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { isSwitchedOff } from '../store/running.ts';
import { explain, type StepContext, steps } from './steps.ts';

/** The operation before it can't be ended, so this one does not begin. */
export class Blocked extends Error {}

/**
 * Opens a transaction that brings a service to a release (or removes it, with null), or does a task on it, and runs it to
 * its end. If
 * another one is open, that one is ended first; one that is stuck is aborted. Run again with the same id after a crash,
 * it continues the same operation.
 */
export async function transact(layout: Layout, wanted: WantedOperation, agent: string[]): Promise<Outcome> {
  const file = layout.journal(wanted.service);
  const open = unfinished(readJournal(file));
  const before = operationOf(open);
  if (before && before.id !== wanted.id) {
    const stuck = stuckAt(open);
    if (stuck && !stuck.canEnd)
      throw new Blocked(`The operation before it (${before.id}) can't be undone. ${describeStuck(stuck)}`);
    const by = `the next operation, ${wanted.id}`;
    await (stuck ? abort(layout, before, by, agent) : settle(layout, wanted.service, agent));
  }
  const journal = readJournal(file);
  const known = journal.some((each) => each.entry === 'open' && each.operation.id === wanted.id);
  if (!known)
    appendEntry(file, {
      entry: 'open',
      at: now(),
      operation: await describe(layout, wanted, currentRelease(journal)),
    });
  return settle(layout, wanted.service, agent);
}

/** Takes a service's open transaction to its end, if there is one: forward after its commit, otherwise back. */
export async function settle(layout: Layout, service: string, agent: string[]): Promise<Outcome> {
  const file = layout.journal(service);
  const operation = operationOf(unfinished(readJournal(file)));
  if (!operation) return lastOutcome(readJournal(file));
  const write = (entry: Entry) => appendEntry(file, entry);
  write({ entry: 'run', at: now(), op: operation.id });

  for (;;) {
    const entries = lastOperation(readJournal(file));
    const move = nextStep(entries);
    if (move.move === 'nothing') break;
    await take(move, { layout, operation, entries, agent }, write);
  }
  const journal = readJournal(file);
  // The data is as it was, so nothing goes back to these any more.
  await removeSnapshots(layout.snapshots(service), undoneOperations(journal));
  return lastOutcome(journal);
}

/** Gives up an open operation: it is undone or finished, and what fails of that is left as it is. */
export async function abort(
  layout: Layout,
  { service, id }: Pick<Operation, 'service' | 'id'>,
  by: string,
  agent: string[],
): Promise<Outcome> {
  const file = layout.journal(service);
  const entries = unfinished(readJournal(file));
  if (operationOf(entries)?.id === id && !isAborted(entries))
    appendEntry(file, { entry: 'abort', at: now(), op: id, by });
  return settle(layout, service, agent);
}

async function take(move: Move, context: StepContext, write: (entry: Entry) => void): Promise<void> {
  const op = context.operation.id;
  switch (move.move) {
    case 'do': {
      crashPoint(`do:${move.step}:before`);
      write({ entry: 'do', at: now(), op, step: move.step });
      crashPoint(`do:${move.step}:begun`);
      await doStep(move.step, context, write);
      crashPoint(`do:${move.step}:done`);
      return;
    }
    case 'undo': {
      crashPoint(`undo:${move.step}:before`);
      write({ entry: 'undo', at: now(), op, step: move.step });
      crashPoint(`undo:${move.step}:begun`);
      const fresh = {
        ...context,
        entries: lastOperation(readJournal(context.layout.journal(context.operation.service))),
      };
      const note = await persist(move.step, fresh, () => steps[move.step].undo(fresh), write);
      crashPoint(`undo:${move.step}:effect`);
      write({ entry: 'undid', at: now(), op, step: move.step, ...(note ? { note } : {}) });
      return;
    }
    case 'commit':
      crashPoint('commit:before');
      write({ entry: 'commit', at: now(), op });
      crashPoint('commit:done');
      return;
    case 'finish':
      crashPoint('finish:before');
      write({
        entry: 'finished',
        at: now(),
        op,
        outcome: move.outcome,
        ...(move.unwell === undefined ? {} : { unwell: move.unwell }),
      });
      return;
    case 'nothing':
      return;
  }
}

async function doStep(step: Step, context: StepContext, write: (entry: Entry) => void): Promise<void> {
  const op = context.operation.id;
  const committed = isCommitted(context.entries);
  const fresh = {
    ...context,
    entries: lastOperation(readJournal(context.layout.journal(context.operation.service))),
  };
  try {
    // Before the commit, a failed step fails the release. After it there is no way back, so the step is retried.
    const work = () => steps[step].do(fresh);
    const note = committed ? await persist(step, fresh, work, write) : await work();
    crashPoint(`do:${step}:effect`);
    write({ entry: 'did', at: now(), op, step, ...(note ? { note } : {}) });
  } catch (error) {
    if (committed) throw error;
    write({ entry: 'failed', at: now(), op, step, why: explain(context, error) });
  }
}

/** After this time a failed step is not tried again in the same run. */
const patienceMs = 30_000;

/**
 * Retries what must succeed a few times; then this process notes why it failed and gives up, and systemd starts it again.
 * In an aborted operation a failure is noted and left, unless data depends on it.
 */
async function persist(
  step: Step,
  context: StepContext,
  work: () => Promise<Note | undefined>,
  write: (entry: Entry) => void,
): Promise<Note | undefined> {
  const { entries, operation } = context;
  const mayFail = isAborted(entries) && canEndWithout(entries, step);
  const known = mayFail && stuckAt(entries);
  if (known) return { unwell: describeStuck(known) };
  const end = Date.now() + patienceMs;
  const pausesMs = [500, 1000, 2000];
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const why = explain(context, error);
      if (mayFail) return { unwell: describeStuck({ step, why }) };
      const pauseMs = pausesMs.shift();
      if (pauseMs === undefined || Date.now() > end) {
        write({ entry: 'retry', at: now(), op: operation.id, step, why });
        throw error;
      }
      await sleep(pauseMs);
    }
  }
}

async function describe(layout: Layout, wanted: WantedOperation, from: string | null): Promise<Operation> {
  if (wanted.task && from === null)
    throw new Blocked(`There is no service "${wanted.service}" on this server. See: haven status`);
  const to = wanted.task ? from : wanted.to;
  const load = (hash: string | null) =>
    hash && hasBundle(layout, wanted.service, hash) ? loadBundle(layout, wanted.service, hash) : undefined;
  // The short path starts nothing. A kept volume on a new server has the release, but nothing running.
  const runs = from !== null && (await isRunning(layout.release(wanted.service, from), wanted.service));
  const [before, after] = [load(from), load(to)];
  const versions = {
    ...(before ? { from: before.release.version } : {}),
    ...(after ? { to: after.release.version } : {}),
  };
  const isStopped = isSwitchedOff(layout, wanted.service);
  const isUnhealthy = from !== null && !runs && !isStopped;
  return {
    ...wanted,
    from,
    to,
    touchesPrograms: touches(wanted.task, isStopped) ?? (!runs || touchesPrograms(before, after)),
    versions,
    ...(isUnhealthy ? { unhealthyBefore: [wanted.service] } : {}),
  };
}

/** Whether a task stops and starts programs; undefined for a deploy, whose releases say so. */
function touches(task: Task | undefined, isStopped: boolean): boolean | undefined {
  if (task === undefined) return undefined;
  return task.kind === 'restore' || !isStopped;
}

function lastOutcome(journal: Entry[]): Outcome {
  const finished = journal.findLast((each) => each.entry === 'finished');
  return finished?.entry === 'finished' ? finished.outcome : 'committed';
}

const now = (): string => new Date().toISOString();
