import { existsSync, readFileSync, rmSync } from 'node:fs';
import { withLock } from '../../system/with-lock.ts';
import { writeDurably } from '../store/bundle-store.ts';

/**
 * Who is changing this server. Whoever deploys holds the deploy lock, renews it while it works and gives it back at the end;
 * one that is not renewed ends by itself. It lies in memory: after a reboot nobody holds anything.
 */
export interface DeployLock {
  /** One run of `haven`. */
  id: string;
  /** `user@machine`, for people to read; the same holder may always begin again. */
  holder: string;
  /** ISO time at which it ends unless it is renewed. */
  until: string;
}

export const deployLockMs = 120_000;
const file = '/run/haven/deploy-lock.json';

/** The deploy lock as it is after somebody has asked for it; throws when another holds it. */
export function grant(held: DeployLock | null, id: string, holder: string, now: number): DeployLock {
  const isFree = held === null || Date.parse(held.until) <= now || held.id === id || held.holder === holder;
  if (!isFree)
    throw new Error(
      `${held.holder} is changing this server. Wait for the end of that, then type the same again. (If it was cut off, it counts until ${held.until}.)`,
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

/** Gives it back; somebody else's stays. */
export async function releaseDeployLock(id: string): Promise<void> {
  await withLock('/run/haven/deploy-lock.flock', async () => {
    if (readDeployLock()?.id === id) rmSync(file);
  });
}

const readDeployLock = (): DeployLock | null =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DeployLock) : null;
