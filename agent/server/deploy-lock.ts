import { existsSync, readFileSync, rmSync } from 'node:fs';
import { withLock } from '../../system/with-lock.ts';
import { writeDurably } from '../store/bundle-store.ts';

/**
 * Who is changing this server. A deploy takes the deploy lock, renews it while it works and releases it at the end; a
 * lock that is not renewed expires. It is kept in memory: after a reboot nobody holds it.
 */
export interface DeployLock {
  /** One run of `haven`. */
  id: string;
  /** `user@machine`, for people to read. The same holder can always take it again. */
  holder: string;
  /** ISO time at which it expires unless renewed. */
  until: string;
}

export const deployLockMs = 120_000;
const file = '/run/haven/deploy-lock.json';

/** The deploy lock after this request. Throws when another holder has it. */
export function grant(held: DeployLock | null, id: string, holder: string, now: number): DeployLock {
  const isFree = held === null || Date.parse(held.until) <= now || held.id === id || held.holder === holder;
  if (!isFree)
    throw new Error(
      `${held.holder} is changing this server. Wait until they are done, then run the same command again. (If their command was interrupted, the lock expires at ${held.until}.)`,
    );
  return { id, holder, until: new Date(now + deployLockMs).toISOString() };
}

export async function takeDeployLock(id: string, holder: string): Promise<DeployLock> {
  return withLock('/run/haven/deploy-lock.flock', async () => {
    const deployLock = grant(readDeployLock(), id, holder, Date.now());
    writeDurably(file, JSON.stringify(deployLock));
    return deployLock;
  });
}

/** Releases the lock. A lock of another holder is left alone. */
export async function releaseDeployLock(id: string): Promise<void> {
  await withLock('/run/haven/deploy-lock.flock', async () => {
    if (readDeployLock()?.id === id) rmSync(file);
  });
}

const readDeployLock = (): DeployLock | null =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DeployLock) : null;
