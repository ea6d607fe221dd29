import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Backup } from '../../core/backups/backup.ts';
import { rememberRestore } from '../../core/backups/backup-memory.ts';
import type { RecoveryStep } from '../../core/backups/recovery-step.ts';
import { serverBackup } from '../../core/backups/server-backup.ts';
import type { Bundle } from '../../core/release/release.ts';
import { withLock } from '../../system/with-lock.ts';
import { inGroup } from '../data/quotas.ts';
import { ensureData, flush, removeData } from '../data/subvolumes.ts';
import { ensureTrust } from '../store/authority.ts';
import { writeDurably } from '../store/bundle-store.ts';
import { syncFolder } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { changeBackupMemory } from './backup-memory.ts';
import type { Repository } from './repository.ts';

/**
 * Brings the data of a lost cloud back to a new server, before any service of it is deployed: a deploy takes data that
 * exists as it is. Each service comes back whole or not at all. Its last backup is fetched into a draft; a mark says that
 * the draft is whole; then each part of it gets its place by a rename. Interrupted anywhere, the next run begins a draft
 * without its mark again, and finishes one that has it. What a service already has on this server is never replaced.
 */
export type BackupSource = Pick<Repository, 'list' | 'restore'>;

/** Answers with the services that were brought back. Throws if the place has no backup at all. */
export async function recoverData(
  layout: Layout,
  source: BackupSource,
  onStep: (step: RecoveryStep) => void = () => undefined,
): Promise<string[]> {
  // A call whose connection was lost may still be at work.
  return withLock(`${layout.run}/recover-data.lock`, async () => {
    const newest = newestOfEach(await source.list());
    if (newest.length === 0)
      throw new Error(
        'The place of the backups has none of this cloud, so nothing can be brought back. Check "backups" in haven.yaml: the folder and the bucket or host. To set the cloud up without data, delete the file .haven/recovering, then run: haven up',
      );
    const missing = newest.filter(({ service }) => !isOnServer(layout, service));
    for (const [index, backup] of missing.entries()) {
      onStep({ recovering: backup.service, n: index + 1, of: missing.length });
      await recoverService(layout, source, backup);
    }
    // What an interruption left of those that are in their place.
    for (const service of namesIn(draftsOf(layout))) await removeDraft(draftOf(layout, service));
    return missing.map(({ service }) => service);
  });
}

/** The server's own come first: services trust its authority. `backups` are newest first. */
function newestOfEach(backups: Backup[]): Backup[] {
  const services = [...new Set(backups.map(({ service }) => service))].sort();
  const ordered = [serverBackup, ...services.filter((each) => each !== serverBackup)];
  return ordered.flatMap((service) => backups.find((each) => each.service === service) ?? []);
}

const draftsOf = (layout: Layout): string => join(layout.backups, 'recovered');
const draftOf = (layout: Layout, service: string): string => join(draftsOf(layout), service);
const markOf = (draft: string): string => join(draft, '.whole');

/** Whether there is nothing to bring back: the service was deployed here or has data; for the server, if it serves any. */
function isOnServer(layout: Layout, service: string): boolean {
  if (existsSync(markOf(draftOf(layout, service)))) return false;
  if (service === serverBackup) return isEmpty(layout.journals) === false || existsSync(doneFile(layout));
  return existsSync(layout.journal(service)) || isEmpty(layout.data(service, '')) === false;
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** Undefined where there is no such folder. */
const isEmpty = (folder: string): boolean | undefined =>
  existsSync(folder) ? readdirSync(folder).length === 0 : undefined;

/** Exists once what belongs to the server itself was brought back. */
const doneFile = (layout: Layout): string => join(layout.backups, 'server-recovered');

async function recoverService(layout: Layout, source: BackupSource, backup: Backup): Promise<void> {
  const { service, id } = backup;
  const draft = draftOf(layout, service);
  if (!existsSync(markOf(draft))) {
    await removeDraft(draft);
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    await (service === serverBackup
      ? source.restore(id, serverParts, draft)
      : fetchService(layout, source, backup));
    await flush(draft);
    writeDurably(markOf(draft), '');
  }
  await (service === serverBackup ? placeServer(layout, draft) : placeService(layout, service, draft));
  await changeBackupMemory(layout, (memory) =>
    rememberRestore(memory, service, { at: new Date().toISOString(), id }),
  );
  await removeDraft(draft);
}

/** Its data, each in a subvolume of its own, and its secrets. */
async function fetchService(
  layout: Layout,
  source: BackupSource,
  { service, id, data }: Backup,
): Promise<void> {
  const draft = draftOf(layout, service);
  // Owners and rights come with the backup.
  for (const name of data)
    await ensureData(join(draft, 'data', name), 0, await inGroup(layout, service, name));
  await source.restore(id, ['data', 'secrets', bundleFile], draft);
  for (const name of namesThatStay(join(draft, bundleFile)))
    if (data.includes(name)) writeDurably(join(draft, 'data', name, recoveredMark), '');
}

const bundleFile = 'bundle.json';

/** Tells a program that this data is from a backup, and that what it says is still to do may have been done since. */
const recoveredMark = '.recovered';

/** The data that a restore would have left as it is, by the release of the backup. */
function namesThatStay(file: string): string[] {
  if (!existsSync(file)) return [];
  const { release }: Bundle = JSON.parse(readFileSync(file, 'utf8'));
  return Object.entries(release.data).flatMap(([name, { atRestore }]) =>
    atRestore === 'stays' ? [name] : [],
  );
}

/** What containers trust is made again from the server's own authority (`ensureTrust`). */
const serverParts = ['users', 'certs', 'secrets'];

async function placeService(layout: Layout, service: string, draft: string): Promise<void> {
  const data = join(draft, 'data');
  for (const name of namesIn(data)) move(join(data, name), layout.data(service, name));
  replace(join(draft, 'secrets'), layout.secrets(service));
}

async function placeServer(layout: Layout, draft: string): Promise<void> {
  replace(join(draft, 'users'), layout.users);
  replace(join(draft, 'certs'), layout.certificates);
  replace(join(draft, 'secrets/authority.pem'), join(layout.root, 'secrets/authority.pem'));
  await ensureTrust(layout);
  writeDurably(doneFile(layout), '');
}

/** Gives a part its place. Does nothing if an earlier run did. Throws if something else has that place. */
function move(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(dirname(to), { recursive: true });
  if (existsSync(to))
    throw new Error(
      `${to} already exists, so the data of the backup was not put in its place. It is in ${from}.`,
    );
  renameSync(from, to);
  syncFolder(dirname(to));
}

/** For what a new server makes at its set-up, and no service has used. */
function replace(from: string, to: string): void {
  if (!existsSync(from)) return;
  rmSync(to, { recursive: true, force: true });
  move(from, to);
}

async function removeDraft(draft: string): Promise<void> {
  // First, so that what is left after an interruption is not taken for a whole one.
  rmSync(markOf(draft), { force: true });
  const data = join(draft, 'data');
  for (const name of namesIn(data)) await removeData(join(data, name));
  rmSync(draft, { recursive: true, force: true });
}
