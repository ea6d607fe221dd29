import { existsSync, readdirSync, rmSync } from 'node:fs';
import { currentRelease, unfinished } from '../../core/operations/transaction.ts';
import { removeData, tidySnapshots } from '../data/subvolumes.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';

/** Removes what a service left on the volume when it went: data, snapshots, releases, secrets, journal. */
export async function deleteServiceData(layout: Layout, service: string): Promise<void> {
  const journal = readJournal(layout.journal(service));
  if (currentRelease(journal) !== null || unfinished(journal).length > 0)
    throw new Error(`${service} still runs. Take it out of haven.yaml and type: haven up`);
  const data = layout.data(service, '');
  for (const name of existsSync(data) ? readdirSync(data) : []) await removeData(layout.data(service, name));
  await tidySnapshots(layout.snapshots(service), 0);
  // The journal goes last: what was cut off here is still known, and erased when it is asked for again.
  for (const path of [layout.service(service), layout.secrets(service), layout.journal(service)])
    rmSync(path, { recursive: true, force: true });
}
