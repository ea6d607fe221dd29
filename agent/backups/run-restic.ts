import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupOrder } from '../../core/backups/backup-settings.ts';
import {
  type ResticFiles,
  renderKnownHosts,
  resticEnvironment,
  resticOptions,
  sshArguments,
} from '../../core/backups/restic-call.ts';
import { type ResticEnd, type ResticFailure, readResticFailure } from '../../core/backups/restic-failure.ts';
import { Progress } from '../../core/backups/restic-progress.ts';
import { RunError, type RunResult, tryRun } from '../../system/run.ts';
import { writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { askBucket } from './ask-bucket.ts';

const minuteMs = 60_000;

/** How long a call may take in all, and how long it may do nothing. */
export interface ResticLimits {
  totalMs: number;
  quietMs: number;
}

/** What is asked of the repository is answered in seconds, or the storage does not answer. */
export const questionLimits: ResticLimits = { totalMs: 10 * minuteMs, quietMs: 1 * minuteMs };

/**
 * An upload may take as long as there is data. restic itself retries for 15 minutes, so what does nothing for 30 is
 * stuck. The unit that it runs in ends after 12 hours.
 */
export const transferLimits: ResticLimits = { totalMs: 12 * 60 * minuteMs, quietMs: 30 * minuteMs };

/** Work within the repository, of which restic reports no progress. */
export const upkeepLimits: ResticLimits = { totalMs: 6 * 60 * minuteMs, quietMs: 6 * 60 * minuteMs };

/** Restic could not do it. The message is for the owner, with what to do. */
export class BackupError extends Error {
  readonly kind: ResticFailure['kind'];
  /** What restic printed on standard output until then. */
  readonly printed: string;
  constructor({ kind, text }: ResticFailure, printed: string) {
    super(text);
    this.name = 'BackupError';
    this.kind = kind;
    this.printed = printed;
  }
}

export interface ResticCall {
  layout: Layout;
  order: BackupOrder;
  args: string[];
  limits: ResticLimits;
  /** The folder to run in. */
  cwd?: string;
}

/** Runs restic. Throws {@link BackupError}. */
export async function runRestic({ layout, order, args, limits, cwd }: ResticCall): Promise<RunResult> {
  const { place } = order.settings;
  const files = putFiles(layout, order);
  const env = { PATH: process.env.PATH, HOME: '/root', ...resticEnvironment(order, files) };
  const watch = new Watch(limits.quietMs, (line) => isHopeless(line, order));
  const options = {
    env,
    timeoutMs: limits.totalMs,
    onOutput: (text: string) => watch.see(text),
    signal: watch.signal,
    ...(cwd === undefined ? {} : { cwd }),
  };
  let ended: { status: number | null; result: RunResult };
  try {
    const result = await tryRun('restic', [...resticOptions(order, files), ...args], options);
    if (result.code === 0) return result;
    ended = { status: result.code, result };
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    ended = { status: null, result: error.result };
  } finally {
    watch.end();
  }
  const { status, result } = ended;
  const output = `${result.stderr}\n${result.stdout.slice(-10_000)}`;
  const reason = `${await askSsh(order, files, output)}${await askStorage(order, { status, output })}`;
  throw new BackupError(readResticFailure({ status, output: `${reason}\n${output}` }, place), result.stdout);
}

/** Files that hold secrets are in memory, where only root may read them. */
function putFiles(layout: Layout, { settings: { place }, secrets }: BackupOrder): ResticFiles {
  const folder = join(layout.run, 'backup-access');
  const files = {
    cache: layout.backupCache,
    identity: join(folder, 'identity'),
    knownHosts: join(folder, 'known_hosts'),
  };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  mkdirSync(files.cache, { recursive: true, mode: 0o700 });
  if (place.kind === 'sftp') {
    // ssh(1) refuses a key whose last line does not end.
    writeDurably(files.identity, `${(secrets['backup-sftp-key'] ?? '').trimEnd()}\n`, 0o600);
    writeDurably(files.knownHosts, renderKnownHosts(place), 0o600);
  }
  return files;
}

/** restic loses what ssh says when it ends before it has begun, so ssh is asked again, without restic. */
async function askSsh(
  { settings: { place } }: BackupOrder,
  files: ResticFiles,
  output: string,
): Promise<string> {
  if (place.kind !== 'sftp' || !output.includes('unable to start the sftp session')) return '';
  const asked = await tryRun('ssh', sshArguments(place, files), { timeoutMs: minuteMs });
  return `${asked.stderr}\n`;
}

const unexplained: ResticFailure['kind'][] = ['rights', 'no-repository', 'request'];

/** Where S3 refuses, or has no repository, restic does not say why. */
async function askStorage({ settings: { place }, secrets }: BackupOrder, end: ResticEnd): Promise<string> {
  if (place.kind !== 's3' || !unexplained.includes(readResticFailure(end, place).kind)) return '';
  return (await askBucket(place, secrets)) ?? '';
}

/** restic goes on trying for 15 minutes, also what only the owner can change, such as a wrong key. */
const isHopeless = (line: string, { settings: { place } }: BackupOrder): boolean =>
  line.includes('returned error, retrying') &&
  readResticFailure({ status: 1, output: line }, place).isLasting;

/** Ends a call that does nothing, or that can't succeed. */
class Watch {
  readonly #ending = new AbortController();
  readonly #progress = new Progress();
  readonly #quietMs: number;
  readonly #isHopeless: (line: string) => boolean;
  #timer: NodeJS.Timeout;

  constructor(quietMs: number, isHopelessLine: (line: string) => boolean) {
    this.#quietMs = quietMs;
    this.#isHopeless = isHopelessLine;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  see(text: string): void {
    const { lines, hasMoved } = this.#progress.read(text);
    if (lines.some(this.#isHopeless)) this.#ending.abort('trying again is of no use');
    if (!hasMoved) return;
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    const stop = () => this.#ending.abort(`it did nothing for ${this.#quietMs / 1000} s`);
    return setTimeout(stop, this.#quietMs);
  }
}
