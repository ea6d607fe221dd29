import { existsSync, readdirSync } from 'node:fs';
import { operationOf, unfinished } from '../../core/operations/transaction.ts';
import { readQuotas, tendAllData, tendQuotas } from '../data/quotas.ts';
import { awaitFreed, removeSnapshots } from '../data/subvolumes.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { isBeingChanged } from '../store/running.ts';

/** Looks after the data of these services that is full. A service that is being changed is left alone. */
export async function tendData(layout: Layout, services: string[]): Promise<void> {
  await tendNow(
    layout,
    services.filter((each) => !isBeingChanged(layout, each)),
  );
}

/** The same for data of a service whose operation asks for it, because programs have to start on it. */
export const tendDataOf = (layout: Layout, service: string): Promise<void> => tendNow(layout, [service]);

async function tendNow(layout: Layout, services: string[]): Promise<void> {
  await tendAllData(layout);
  const seen = await readQuotas(layout);
  for (const service of services)
    await tendQuotas(layout, service, seen, () => dropOldestSnapshot(layout, service));
}

/** Answers whether there was one. Never one of an operation that is open, or that has begun meanwhile. */
async function dropOldestSnapshot(layout: Layout, service: string): Promise<boolean> {
  const folder = layout.snapshots(service);
  // Listed before the journal is read: a snapshot that is taken after that is not in the list.
  const listed = existsSync(folder) ? readdirSync(folder).sort() : [];
  const open = operationOf(unfinished(readJournal(layout.journal(service))))?.id;
  const oldest = listed.find((each) => each !== open);
  if (oldest === undefined) return false;
  await removeSnapshots(folder, [oldest]);
  await awaitFreed(folder);
  return true;
}
