import { existsSync, readFileSync, rmSync } from 'node:fs';
import { withLock } from '../system/with-lock.ts';
import { writeDurably } from './bundle-store.ts';

/**
 * Who is changing this server. Whoever deploys holds the lease, renews it while it works and gives it back at the end;
 * one that is not renewed ends by itself. It lies in memory: after a reboot nobody holds anything.
 */
export interface Lease {
  /** One run of `haven`. */
  id: string;
  /** `user@machine`, for people to read; the same holder may always begin again. */
  holder: string;
  /** ISO time at which it ends unless it is renewed. */
  until: string;
}

export const leaseMs = 120_000;
const file = '/run/haven/lease.json';

/** The lease as it is after somebody has asked for it; throws when another holds it. */
export function grant(held: Lease | null, id: string, holder: string, now: number): Lease {
  const isFree = held === null || Date.parse(held.until) <= now || held.id === id || held.holder === holder;
  if (!isFree)
    throw new Error(
      `${held.holder} is changing this server. Wait for the end of that, then type the same again. (If it was cut off, it counts until ${held.until}.)`,
    );
  return { id, holder, until: new Date(now + leaseMs).toISOString() };
}

export async function takeLease(id: string, holder: string): Promise<Lease> {
  return withLock('/run/haven/lease.lock', async () => {
    const lease = grant(readLease(), id, holder, Date.now());
    writeDurably(file, JSON.stringify(lease));
    return lease;
  });
}

/** Gives it back; somebody else's stays. */
export async function dropLease(id: string): Promise<void> {
  await withLock('/run/haven/lease.lock', async () => {
    if (readLease()?.id === id) rmSync(file);
  });
}

const readLease = (): Lease | null =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Lease) : null;
