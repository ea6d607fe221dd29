import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Longer than the longest work under one of the agent's locks, which is a series of user hooks. */
const defaultWaitMs = 30 * 60_000;

/**
 * Runs something while no other process on this machine runs the same (flock(1): the lock ends with its holder). Throws
 * when the lock has not become free after `waitMs`. Holders of a shared lock have it at the same time.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  { waitMs = defaultWaitMs, isShared = false }: { waitMs?: number; isShared?: boolean } = {},
): Promise<T> {
  const kind = isShared ? ['--shared'] : [];
  const release = await takeLock(file, [...kind, '--timeout', String(waitMs / 1000), ...reportTaken]);
  if (!release)
    throw new Error(
      `${file}: another process has held this lock for ${waitMs / 1000} s. Nothing was changed. Wait, or see on the server, as root, which process it is: fuser -v ${file}`,
    );
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Like {@link withLock}, but while another process has the lock it does nothing and answers `false`. */
export async function withFreeLock(file: string, work: () => Promise<void>): Promise<boolean> {
  const release = await takeLock(file, ['--nonblock', ...reportTaken]);
  if (!release) return false;
  try {
    await work();
    return true;
  } finally {
    await release();
  }
}

/** Exit status of flock(1) when another process has the lock. */
const isTaken = 75;
const reportTaken = ['--conflict-exit-code', String(isTaken)];

/** Answers with what releases the lock; undefined when it is taken for longer than the options say. */
async function takeLock(file: string, options: string[]): Promise<(() => Promise<void>) | undefined> {
  mkdirSync(dirname(file), { recursive: true });
  const holder = spawn('flock', [...options, file, 'sh', '-c', 'echo locked; cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => holder.on('close', () => resolve()));
  const isHeld = await new Promise<boolean>((resolve, reject) => {
    holder.stdout.once('data', () => resolve(true));
    holder.once('error', reject);
    holder.once('close', (code) => {
      if (code === isTaken) resolve(false);
      else reject(new Error(`could not lock ${file} (flock exited with ${code})`));
    });
  });
  if (!isHeld) return undefined;
  return async () => {
    holder.stdin.end();
    await ended;
  };
}
