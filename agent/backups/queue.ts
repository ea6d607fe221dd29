import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupManifest } from '../../core/backups/backup.ts';
import { rememberDropped } from '../../core/backups/backup-memory.ts';
import { withLock } from '../../system/with-lock.ts';
import { inGroup } from '../data/quotas.ts';
import { removeData, takeSnapshot } from '../data/subvolumes.ts';
import { hasBundle, loadBundle, writeDurably } from '../store/bundle-store.ts';
import { syncFolder } from '../store/journal.ts';
import { readJson, writeJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';
import { changeBackupMemory } from './backup-memory.ts';
import { readBackupOrder } from './backup-order.ts';

/**
 * Backups that wait to be sent. An operation only takes snapshots, in an instant, and leaves them here; the upload sends
 * them while the service runs. Each entry is a folder `<operation>-<service>` with `data/<name>` (read-only snapshots),
 * `bundle.json`, and at last `manifest.json`: without that it is a draft.
 */
export interface QueuedBackup {
  /** Name of its folder. */
  entry: string;
  folder: string;
  manifest: BackupManifest;
}

/** Of each service at most so many wait: while the storage can't be reached, snapshots must not fill the volume. */
const mostWaiting = 3;

/** Short work only, because operations wait for it while a service is stopped. */
const alone = <T>(layout: Layout, work: () => Promise<T>): Promise<T> =>
  withLock(`${layout.run}/backup-queue.lock`, work);

/** Says which entry is being sent. In memory, so none is after a boot. */
const markOf = (layout: Layout): string => join(layout.run, 'backup-sending');

/**
 * Queues the snapshots of an operation, which are in `snapshots` by the names of the data. Run again for the same
 * operation, it changes nothing. Answers whether it is queued: where no backups are set up, nothing is.
 */
export async function queueBackup(
  layout: Layout,
  manifest: BackupManifest,
  op: string,
  snapshots: string,
): Promise<boolean> {
  if (!readBackupOrder(layout)) return false;
  const { service } = manifest;
  const folder = join(layout.backupQueue, `${op}-${service}`);
  await alone(layout, async () => {
    if (existsSync(manifestOf(folder))) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of manifest.data) {
      const group = await inGroup(layout, service, name);
      await takeSnapshot(join(snapshots, name), join(folder, 'data', name), group);
    }
    // The release may be gone before it is sent.
    if (hasBundle(layout, service, manifest.release)) {
      const bundle = loadBundle(layout, service, manifest.release);
      writeDurably(join(folder, 'bundle.json'), JSON.stringify(bundle), 0o600);
    }
    writeJson(manifestOf(folder), manifest);
    await dropExcess(layout, service);
  });
  return true;
}

/** The oldest that were made before a change go first: they matter least once a newer one waits. */
async function dropExcess(layout: Layout, service: string): Promise<void> {
  const sending = readJson<string>(markOf(layout));
  const waiting = queued(layout).filter(({ manifest }) => manifest.service === service);
  const isBeforeChange = ({ manifest }: QueuedBackup) => manifest.why === 'before-change';
  const byWorth = [
    ...waiting.filter(isBeforeChange),
    ...waiting.filter((each) => !isBeforeChange(each)),
  ].filter(({ entry }) => entry !== sending && entry !== waiting.at(-1)?.entry);
  for (const { folder, manifest } of byWorth.slice(0, Math.max(0, waiting.length - mostWaiting))) {
    await changeBackupMemory(layout, (memory) => rememberDropped(memory, service, manifest.at));
    await removeFolder(folder);
  }
}

/** What waits, oldest first. */
export function queued(layout: Layout): QueuedBackup[] {
  if (!existsSync(layout.backupQueue)) return [];
  return readdirSync(layout.backupQueue)
    .flatMap((entry) => {
      const folder = join(layout.backupQueue, entry);
      const manifest = readJson<BackupManifest>(manifestOf(folder));
      return manifest ? [{ entry, folder, manifest }] : [];
    })
    .toSorted((a, b) => a.manifest.at.localeCompare(b.manifest.at));
}

/** The next to send, which nothing drops then. */
export const takeNext = (layout: Layout, isWanted: (each: QueuedBackup) => boolean) =>
  alone(layout, async () => {
    const next = queued(layout).find(isWanted);
    if (next) writeJson(markOf(layout), next.entry);
    return next;
  });

/** Removes an entry that was sent, or all that belongs to a draft. Does nothing where there is none. */
export const removeEntry = (layout: Layout, entry: string): Promise<void> =>
  alone(layout, () => removeFolder(join(layout.backupQueue, entry)));

/** Removes what interrupted operations left. Each of them queues its backup again if it still wants one. */
export const removeDrafts = (layout: Layout): Promise<void> =>
  alone(layout, async () => {
    if (!existsSync(layout.backupQueue)) return;
    for (const each of readdirSync(layout.backupQueue, { withFileTypes: true })) {
      const folder = join(layout.backupQueue, each.name);
      if (each.isDirectory() && !existsSync(manifestOf(folder))) await removeFolder(folder);
    }
  });

const manifestOf = (folder: string): string => join(folder, 'manifest.json');

/** First what makes it an entry, so that half of one is never sent. */
async function removeFolder(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  rmSync(manifestOf(folder), { force: true });
  syncFolder(folder);
  for (const inner of ['data', ''])
    for (const name of namesIn(join(folder, inner)))
      if (inner !== '' || name !== 'data') await removeData(join(folder, inner, name));
  rmSync(folder, { recursive: true, force: true });
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
