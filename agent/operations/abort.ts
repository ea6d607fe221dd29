import type { Outcome } from '../../core/operations/entries.ts';
import { historyOf } from '../../core/operations/history.ts';
import { operationOf, stuckAt, unfinished } from '../../core/operations/transaction.ts';
import { writeStatus } from '../checks/status.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { whyBusy } from '../store/running.ts';
import { runInUnit } from './operation.ts';

/** What became of an operation that was aborted. */
export interface Aborted {
  service: string;
  /** The operation; null when none was open. */
  operation: string | null;
  /** `committed` when it could not be undone any more. */
  outcome: Outcome | null;
  /** What does not work now. */
  unwell: string | null;
}

/**
 * Ends a service's open operation in place of the process that works on it. Refuses while its data is not restored and
 * can't be.
 */
export async function abortOperation(
  layout: Layout,
  service: string,
  by: string,
  agent: string[],
): Promise<Aborted> {
  const open = unfinished(readJournal(layout.journal(service)));
  const id = operationOf(open)?.id;
  if (id === undefined) return { service, operation: null, outcome: null, unwell: null };
  const stuck = stuckAt(open);
  if (stuck && !stuck.canEnd) throw new Error(whyBusy(layout, service));
  await runInUnit(layout, service, ['abort-now', service, id, by], agent, { instead: true });
  await writeStatus(layout);
  const past = historyOf(readJournal(layout.journal(service))).find((each) => each.op === id);
  if (!past || past.outcome === 'open') throw new Error(whyBusy(layout, service));
  return { service, operation: id, outcome: past.outcome, unwell: past.unwell ?? null };
}
