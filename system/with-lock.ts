import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Runs something while no other process on this machine runs the same (flock(1): the lock ends with its holder). */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const release = await takeLock(file, []);
  if (!release) throw new Error(`could not lock ${file}`);
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Like {@link withLock}, but while another process has the lock it does nothing and answers `false`. */
export async function withFreeLock(file: string, work: () => Promise<void>): Promise<boolean> {
  const release = await takeLock(file, ['--nonblock', '--conflict-exit-code', String(isTaken)]);
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

/** Answers with what releases the lock; undefined when it is taken and the options say not to wait. */
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
