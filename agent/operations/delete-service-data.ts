import { existsSync, readdirSync, rmSync } from 'node:fs';
import { currentRelease, unfinished } from '../../core/operations/transaction.ts';
import { withoutLimit } from '../data/quotas.ts';
import { removeData, tidySnapshots } from '../data/subvolumes.ts';
import { formerReleasesOf } from '../store/bundle-store.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { dropReleases } from './drop-releases.ts';
import { dropSharedSecrets } from './drop-shared-secrets.ts';

/** Deletes what a removed service left on the volume: data, snapshots, releases, secrets, journal. */
export async function deleteServiceData(layout: Layout, service: string): Promise<void> {
  const journal = readJournal(layout.journal(service));
  if (currentRelease(journal) !== null || unfinished(journal).length > 0)
    throw new Error(`${service} is still running. Remove it from haven.yaml, then run: haven up`);
  const data = layout.data(service, '');
  for (const name of existsSync(data) ? readdirSync(data) : [])
    await withoutLimit(layout, service, name, () => removeData(layout.data(service, name)));
  await tidySnapshots(layout.snapshots(service), 0);
  await dropReleases(layout, service, formerReleasesOf(layout, service, 0, []));
  dropSharedSecrets(layout);
  // The journal goes last: after an interruption the service is still known, and the same command deletes the rest.
  for (const path of [layout.service(service), layout.secrets(service), layout.journal(service)])
    rmSync(path, { recursive: true, force: true });
}
