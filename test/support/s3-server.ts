import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { S3Place } from '../../core/backups/backup-place.ts';
import { storageProgram, storageTasks } from '../../sandbox/internet/storage/program.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import type { S3Location } from '../../system/s3-files.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { withLock } from '../../system/with-lock.ts';
import { freePort } from './go-program.ts';

/** Building it takes minutes on a new machine. */
const buildWaitMs = 30 * 60_000;

/** The sandbox's S3 server on loopback, with one pair of keys and one bucket. */
export class S3Server {
  readonly place: S3Place;
  readonly secrets = { 'backup-s3-key': 'KEYOFTHETEST', 'backup-s3-secret': 'secret-of-the-test' };
  readonly #child: ChildProcess;
  readonly #buckets: string;

  private constructor(place: S3Place, buckets: string, child: ChildProcess) {
    this.place = place;
    this.#buckets = buckets;
    this.#child = child;
  }

  /** `folder` is a new one for all of its files. */
  static async start(folder: string): Promise<S3Server> {
    await withLock(join(cacheDir, 'test-programs', 's3.lock'), build, { waitMs: buildWaitMs });
    const buckets = join(folder, 'buckets');
    const accounts = join(folder, 'accounts');
    mkdirSync(join(buckets, 'ada-backups'), { recursive: true });
    mkdirSync(accounts);
    const address = `127.0.0.1:${await freePort()}`;
    const place: S3Place = {
      kind: 's3',
      endpoint: `http://${address}`,
      bucket: 'ada-backups',
      folder: 'ada',
    };
    const options = ['--port', address, '--region', 'fsn1', '--iam-dir', accounts, '--health', '/health'];
    const env = {
      ...process.env,
      ROOT_ACCESS_KEY_ID: 'KEYOFTHETEST',
      ROOT_SECRET_ACCESS_KEY: 'secret-of-the-test',
    };
    const child = spawn(storageProgram, [...options, '--quiet', 'posix', buckets], { env, stdio: 'ignore' });
    const answers = async () => (await fetch(`http://${address}/health`).catch(() => undefined))?.ok;
    await waitUntil('the S3 server', answers, { timeoutMs: 20_000, everyMs: 50 });
    return new S3Server(place, buckets, child);
  }

  /** Its bucket, as single files in it are reached. */
  get location(): S3Location {
    const { endpoint, bucket } = this.place;
    const { 'backup-s3-key': key, 'backup-s3-secret': secret } = this.secrets;
    return { kind: 's3', endpoint, bucket, key, secret };
  }

  /** The buckets that it has. */
  buckets(): string[] {
    return readdirSync(this.#buckets).filter((name) => !name.startsWith('.'));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill();
    await ended;
  }
}

async function build(): Promise<void> {
  for (const task of storageTasks) if (!(await task.isMade())) await task.make();
}
