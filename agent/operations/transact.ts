import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry, Operation, Outcome, Step, WantedOperation } from '../../core/operations/entries.ts';
import {
  currentRelease,
  lastOperation,
  type Move,
  nextStep,
  operationOf,
  unfinished,
} from '../../core/operations/transaction.ts';
import { touchesPrograms } from '../../core/release/release.ts';
import { isRunning } from '../effects/containers.ts';
import { hasBundle, loadBundle } from '../store/bundle-store.ts';
import { appendEntry, readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { crashPoint } from './crash-point.ts';
import { explain, type StepContext, steps } from './steps.ts';

/**
 * Opens a transaction that brings a service to a release (or removes it, with null) and runs it to its end. If
 * another one is open, that one is ended first. Run again with the same id after a crash, it continues the same
 * operation.
 */
export async function transact(layout: Layout, wanted: WantedOperation, agent: string[]): Promise<Outcome> {
  const file = layout.journal(wanted.service);
  const open = operationOf(unfinished(readJournal(file)));
  if (open && open.id !== wanted.id) await settle(layout, wanted.service, agent);
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
    if (move.move === 'nothing') return lastOutcome(entries);
    await take(move, { layout, operation, entries, agent }, write);
  }
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
      await persist(() => steps[move.step].undo(fresh));
      crashPoint(`undo:${move.step}:effect`);
      write({ entry: 'undid', at: now(), op, step: move.step });
      return;
    }
    case 'commit':
      crashPoint('commit:before');
      write({ entry: 'commit', at: now(), op });
      crashPoint('commit:done');
      return;
    case 'finish':
      crashPoint('finish:before');
      write({ entry: 'finished', at: now(), op, outcome: move.outcome });
      return;
    case 'nothing':
      return;
  }
}

async function doStep(step: Step, context: StepContext, write: (entry: Entry) => void): Promise<void> {
  const op = context.operation.id;
  const committed = context.entries.some((each) => each.entry === 'commit');
  const fresh = {
    ...context,
    entries: lastOperation(readJournal(context.layout.journal(context.operation.service))),
  };
  try {
    // Before the commit, a failed step fails the release. After it there is no way back, so the step is retried.
    const note = committed ? await persist(() => steps[step].do(fresh)) : await steps[step].do(fresh);
    crashPoint(`do:${step}:effect`);
    write({ entry: 'did', at: now(), op, step, ...(note ? { note } : {}) });
  } catch (error) {
    if (committed) throw error;
    write({ entry: 'failed', at: now(), op, step, why: explain(context, error) });
  }
}

/** Retries what must succeed a few times; then this process gives up, and systemd starts it again. */
async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (const pauseMs of [500, 1000, 2000]) {
    try {
      return await work();
    } catch {
      await sleep(pauseMs);
    }
  }
  return work();
}

async function describe(layout: Layout, wanted: WantedOperation, from: string | null): Promise<Operation> {
  const load = (hash: string | null) =>
    hash && hasBundle(layout, wanted.service, hash) ? loadBundle(layout, wanted.service, hash) : undefined;
  // The short path starts nothing. A kept volume on a new server has the release, but nothing running.
  const runs = from !== null && (await isRunning(layout.release(wanted.service, from), wanted.service));
  const [before, after] = [load(from), load(wanted.to)];
  const versions = {
    ...(before ? { from: before.release.version } : {}),
    ...(after ? { to: after.release.version } : {}),
  };
  return { ...wanted, from, touchesPrograms: !runs || touchesPrograms(before, after), versions };
}

function lastOutcome(journal: Entry[]): Outcome {
  const finished = journal.findLast((each) => each.entry === 'finished');
  return finished?.entry === 'finished' ? finished.outcome : 'committed';
}

const now = (): string => new Date().toISOString();
