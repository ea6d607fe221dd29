import { mkdirSync } from 'node:fs';
import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backup, BackupManifest } from '../../core/backups/backup.ts';
import type { BackupOrder, KeptBackups } from '../../core/backups/backup-settings.ts';
import { parseBackups, resticVerbs } from '../../core/backups/restic-call.ts';
import type { RunResult } from '../../system/run.ts';
import { withLock } from '../../system/with-lock.ts';
import type { Layout } from '../store/layout.ts';
import { readBackupOrder } from './backup-order.ts';
import {
  BackupError,
  questionLimits,
  type ResticLimits,
  runRestic,
  transferLimits,
  upkeepLimits,
} from './run-restic.ts';

/** restic takes another machine's lock for abandoned after 30 minutes (`restic unlock`). */
const lockPatienceMs = 35 * 60_000;
const lockRetryMs = 20_000;

/**
 * This cloud's backups: a restic repository at the place that its owner chose. Each method throws {@link BackupError},
 * with a message for the owner.
 */
export class Repository {
  readonly order: BackupOrder;
  readonly #layout: Layout;

  private constructor(layout: Layout, order: BackupOrder) {
    this.#layout = layout;
    this.order = order;
  }

  /** Undefined where no backups are set up. Asks nothing of the storage yet. */
  static open(layout: Layout): Repository | undefined {
    const order = readBackupOrder(layout);
    return order && new Repository(layout, order);
  }

  /** Makes the repository where there is none. Safe to run again, and twice at once on this server. */
  async ensure(): Promise<void> {
    // Two that make one at the same time would overwrite each other's key.
    await withLock(`${this.#layout.run}/backup-create.lock`, async () => {
      try {
        await this.#ask(resticVerbs.probe());
      } catch (error) {
        if (!(error instanceof BackupError) || error.kind !== 'no-repository') throw error;
        await this.#ask(resticVerbs.create());
      }
    });
  }

  /** Backs a folder up. `addedBytes` is what the repository grew by. A backup that misses a file is not kept. */
  async backup(folder: string, manifest: BackupManifest): Promise<{ id: string; addedBytes: number }> {
    try {
      const done = await this.#locked(resticVerbs.backup(manifest), transferLimits, folder);
      const { snapshot_id: id, data_added_packed: addedBytes = 0 } = summaryOf(done.stdout);
      if (id === undefined)
        throw new Error(`restic did not say which backup it made: ${done.stdout.slice(-300)}`);
      return { id, addedBytes };
    } catch (error) {
      if (error instanceof BackupError && error.kind === 'incomplete') {
        const { snapshot_id: id } = summaryOf(error.printed);
        if (id !== undefined) await this.#locked(resticVerbs.forgetOne(id), upkeepLimits);
      }
      throw error;
    }
  }

  /** Of a service, or all; newest first. */
  async list(service?: string): Promise<Backup[]> {
    const { stdout } = await this.#ask(resticVerbs.list(this.order.settings.haven, service));
    return parseBackups(stdout);
  }

  /** The newest backup of a service; with `at` (ISO 8601) the newest that is not younger. */
  async newest(service: string, at?: string): Promise<Backup | undefined> {
    const all = await this.list(service);
    return at === undefined ? all[0] : all.find((each) => Date.parse(each.at) <= Date.parse(at));
  }

  /**
   * Restores parts of a backup, such as `data` or `data/db`, at their paths below `target`, with owners and rights; all of
   * the backup if none is named. Parts that it does not have are left out. What else is in a part is deleted. Interrupted,
   * it can be run again. Each call of restic takes half a second before it does anything, so name all parts at once.
   */
  async restore(id: string, parts: string[], target: string): Promise<void> {
    mkdirSync(target, { recursive: true, mode: 0o700 });
    await this.#locked(resticVerbs.restore(id, parts, target), transferLimits);
  }

  /** The text of one small file of a backup, such as `bundle.json`. */
  async read(id: string, file: string): Promise<string> {
    return (await this.#ask(resticVerbs.read(id, posix.join('/', file)))).stdout;
  }

  /** What each data of a backup took on the disk that it was on, in bytes. */
  async sizes(id: string): Promise<Record<string, number>> {
    const { bytes = {} } = JSON.parse(await this.read(id, 'manifest.json')) as BackupManifest;
    return bytes;
  }

  /** Removes the backups that are not to be kept, of each service on its own, and their data. Returns how many. */
  async forget(keep: KeptBackups): Promise<number> {
    const { haven } = this.order.settings;
    const services = new Set((await this.list()).map(({ service }) => service));
    let removed = 0;
    for (const service of services) {
      const { stdout } = await this.#locked(resticVerbs.forget(haven, service, keep), upkeepLimits);
      const groups = JSON.parse(stdout) as { remove: unknown[] | null }[];
      removed += groups.reduce((sum, { remove }) => sum + (remove?.length ?? 0), 0);
    }
    if (removed > 0) await this.#locked(resticVerbs.prune(), upkeepLimits);
    return removed;
  }

  /** Checks that the repository is whole, without downloading the data itself. */
  async check(): Promise<void> {
    await this.#locked(resticVerbs.check(), upkeepLimits);
  }

  /**
   * Runs a verb that locks the repository. The lock of a run that was killed on this server is removed at once, another
   * machine's when it is old enough to be abandoned.
   */
  async #locked(args: string[], limits: ResticLimits, cwd?: string): Promise<RunResult> {
    const end = Date.now() + lockPatienceMs;
    for (let isFirst = true; ; isFirst = false) {
      try {
        return await this.#run(args, limits, cwd);
      } catch (error) {
        if (!(error instanceof BackupError) || error.kind !== 'locked' || Date.now() > end) throw error;
        await this.#ask(resticVerbs.unlock());
        if (!isFirst) await sleep(lockRetryMs);
      }
    }
  }

  #ask(args: string[]): Promise<RunResult> {
    return this.#run(args, questionLimits);
  }

  #run(args: string[], limits: ResticLimits, cwd?: string): Promise<RunResult> {
    const where = cwd === undefined ? {} : { cwd };
    return runRestic({ layout: this.#layout, order: this.order, args, limits, ...where });
  }
}

interface BackupSummary {
  snapshot_id?: string;
  data_added_packed?: number;
}

/** The last line of `restic backup --json`. */
function summaryOf(printed: string): BackupSummary {
  const line = printed.split('\n').findLast((each) => each.includes('"message_type":"summary"'));
  return line === undefined ? {} : (JSON.parse(line) as BackupSummary);
}
