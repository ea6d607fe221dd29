import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupManifest } from '../../core/backups/backup.ts';
import { rememberFailure, rememberSuccess } from '../../core/backups/backup-memory.ts';
import { serverBackup } from '../../core/backups/server-backup.ts';
import type { Bundle } from '../../core/release/release.ts';
import { run } from '../../system/run.ts';
import { withFreeLock } from '../../system/with-lock.ts';
import { agentVersion } from '../server/agent-version.ts';
import type { Layout } from '../store/layout.ts';
import { changeBackupMemory } from './backup-memory.ts';
import { type TreePart, withTree } from './backup-tree.ts';
import { dumpDatabase, hasDatabase } from './database-dump.ts';
import { type QueuedBackup, queued, removeDrafts, removeEntry, takeNext } from './queue.ts';
import { Repository } from './repository.ts';
import { BackupError } from './run-restic.ts';

/** What one run of the upload did. */
export interface UploadReport {
  sent: { service: string; id: string; bytes: number }[];
  failed: { service: string; why: string }[];
  /** Whether another run was at work, so that this one did nothing. */
  isBusy: boolean;
}

/**
 * Sends all backups that wait, one after the other, and then what belongs to the server itself. What fails stays in the
 * queue for the next run. Runs in a unit of its own, whose mounts nobody else sees (`haven-backup-upload.service`).
 */
export async function uploadQueue(layout: Layout): Promise<UploadReport> {
  const report: UploadReport = { sent: [], failed: [], isBusy: false };
  const lock = `${layout.run}/backup-upload.lock`;
  report.isBusy = !(await withFreeLock(lock, () => new Upload(layout, report).run()));
  return report;
}

/** Exists from the first service that is sent until the server itself is: then that is due, also for the next run. */
const serverIsDue = (layout: Layout): string => join(layout.backupQueue, serverBackup);

class Upload {
  readonly #layout: Layout;
  readonly #report: UploadReport;
  /** Whether a nightly backup was sent: then those that are too old are removed. */
  #isNight = false;
  /** Entries that this run tried to send. */
  readonly #tried = new Set<string>();
  constructor(layout: Layout, report: UploadReport) {
    this.#layout = layout;
    this.#report = report;
  }

  async run(): Promise<void> {
    await removeDrafts(this.#layout);
    const repository = Repository.open(this.#layout);
    if (!repository) return this.#clear();
    if (this.#waiting().length === 0) return;
    if (!(await this.#attempt(this.#waiting(), () => repository.ensure()))) return;
    // More may be queued while the server itself is sent.
    do {
      if (!(await this.#sendServices(repository))) return;
      await this.#sendServer(repository);
    } while (queued(this.#layout).some((each) => this.#isNew(each)));
    if (this.#isNight)
      await this.#attempt([serverBackup], () => repository.forget(repository.order.settings.keep));
  }

  async #sendServer(repository: Repository): Promise<void> {
    if (!existsSync(serverIsDue(this.#layout))) return;
    await this.#attempt([serverBackup], async () => {
      const manifest = serverManifest(this.#layout, repository.order.settings.haven);
      await this.#send(repository, manifest, serverParts(this.#layout));
      rmSync(serverIsDue(this.#layout));
    });
  }

  #isNew({ entry }: QueuedBackup): boolean {
    return !this.#tried.has(entry);
  }

  /** The services that have something to send. */
  #waiting(): string[] {
    const services = queued(this.#layout).map(({ manifest }) => manifest.service);
    return [...new Set([...services, ...(existsSync(serverIsDue(this.#layout)) ? [serverBackup] : [])])];
  }

  /** Backups are not set up any more. */
  async #clear(): Promise<void> {
    for (const { entry } of queued(this.#layout)) await removeEntry(this.#layout, entry);
    rmSync(serverIsDue(this.#layout), { force: true });
  }

  /** Answers whether it is worth going on: what is wrong with the storage fails all that waits. */
  async #sendServices(repository: Repository): Promise<boolean> {
    for (;;) {
      const next = await takeNext(this.#layout, (each) => this.#isNew(each));
      if (!next) return true;
      this.#tried.add(next.entry);
      const { manifest, entry } = next;
      let isStorage = false;
      await this.#attempt([manifest.service], async () => {
        try {
          const bytes = await sizesOf(next);
          await this.#send(repository, { ...manifest, bytes }, await serviceParts(this.#layout, next));
        } catch (error) {
          isStorage = error instanceof BackupError && !ofOneBackup.includes(error.kind);
          throw error;
        }
        writeFileSync(serverIsDue(this.#layout), '');
        await removeEntry(this.#layout, entry);
      });
      if (isStorage) return false;
    }
  }

  async #send(repository: Repository, manifest: BackupManifest, parts: TreePart[]): Promise<void> {
    const { service, at } = manifest;
    const folder = this.#layout.backupTree(service);
    const all = [{ path: 'manifest.json', text: `${JSON.stringify(manifest, null, 2)}\n` }, ...parts];
    const { id, addedBytes: bytes } = await withTree(folder, all, () => repository.backup(folder, manifest));
    await changeBackupMemory(this.#layout, (memory) => rememberSuccess(memory, service, { at, id, bytes }));
    this.#report.sent.push({ service, id, bytes });
    if (manifest.why === 'nightly' && service !== serverBackup) this.#isNight = true;
  }

  /** Remembers a failure for these services: one for each run, however many of their backups wait. */
  async #attempt(services: string[], work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      for (const service of services) {
        if (this.#report.failed.some((each) => each.service === service)) continue;
        const failure = { at: new Date().toISOString(), why };
        await changeBackupMemory(this.#layout, (memory) => rememberFailure(memory, service, failure));
        this.#report.failed.push({ service, why });
      }
      return false;
    }
  }
}

/** Failures that say nothing of the next backup. */
const ofOneBackup: BackupError['kind'][] = ['incomplete', 'unknown'];

/** The tree of a service. Its database is dumped first, once for each entry. */
async function serviceParts(layout: Layout, { folder, manifest }: QueuedBackup): Promise<TreePart[]> {
  const { service, data } = manifest;
  const bundleFile = join(folder, 'bundle.json');
  const bundle = existsSync(bundleFile) ? readFileSync(bundleFile, 'utf8') : undefined;
  const secrets = layout.secrets(service);
  const dump = join(folder, 'database.dump');
  if (bundle !== undefined) {
    const { release } = JSON.parse(bundle) as Bundle;
    const snapshot = join(folder, 'data/db');
    if (hasDatabase(release) && data.includes('db'))
      await dumpDatabase(layout, { release, hash: manifest.release, snapshot, folder, to: dump });
  }
  return [
    ...(bundle === undefined ? [] : [{ path: 'bundle.json', text: bundle }]),
    ...data.map((name) => ({ path: `data/${name}`, from: join(folder, 'data', name) })),
    ...(existsSync(secrets) ? [{ path: 'secrets', from: secrets }] : []),
    ...(existsSync(dump) ? [{ path: 'database.dump', from: dump }] : []),
  ];
}

async function sizesOf({ folder, manifest }: QueuedBackup): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const name of manifest.data) {
    const args = ['--summarize', '--block-size=1', join(folder, 'data', name)];
    const { stdout } = await run('du', args, { timeoutMs: sizeLimitMs });
    sizes[name] = Number.parseInt(stdout, 10);
  }
  return sizes;
}

/** Goes through every file, as the backup itself does. */
const sizeLimitMs = 60 * 60_000;

/** The folders of the server itself, by their names in its backup. */
const serverFolders = (layout: Layout): [string, string][] => [
  ['users', layout.users],
  ['trust', join(layout.root, 'trust')],
  ['certs', layout.certificates],
  ['owner', join(layout.backups, 'owner')],
];

/**
 * What belongs to the server itself: users, certificates, what containers trust, the server's own authority, and the owner's sealed
 * files.
 */
function serverParts(layout: Layout): TreePart[] {
  const authority = join(layout.root, 'secrets/authority.pem');
  return [
    ...serverFolders(layout).flatMap(([path, from]) => (existsSync(from) ? [{ path, from }] : [])),
    ...(existsSync(authority) ? [{ path: 'secrets/authority.pem', from: authority }] : []),
  ];
}

const serverManifest = (layout: Layout, haven: string): BackupManifest => ({
  format: 1,
  haven,
  service: serverBackup,
  at: new Date().toISOString(),
  release: '',
  version: agentVersion,
  data: serverFolders(layout).flatMap(([name, from]) => (existsSync(from) ? [name] : [])),
  why: 'nightly',
});
