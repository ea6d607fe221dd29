import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  assertFree,
  type DeployLock,
  describeHeld,
  grantLock,
  type LockClaim,
  type StateBase,
  unexpired,
} from '../../core/operations/deploy-lock.ts';
import type { ServerStates } from '../../core/operations/state-history.ts';
import { withLock } from '../../system/with-lock.ts';
import { writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { newestState, putState } from './state-copies.ts';
import { assertMayChange, forgetUnsent, noteUnsent, readUnsent } from './unsent-state.ts';

/** Milliseconds since boot, the same in every process (clock_gettime(2), CLOCK_MONOTONIC). */
export const sinceBoot = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/**
 * The deploy lock of this server (`core/operations/deploy-lock.ts`), and what is only done under it: storing the
 * state. It is kept in memory: after a reboot nobody holds it.
 */
export class ServerLock {
  readonly #layout: Layout;
  readonly #now: () => number;

  constructor(layout: Layout, now = sinceBoot) {
    this.#layout = layout;
    this.#now = now;
  }

  /** Takes or renews the lock, and notes that a run begins to change the cloud. Answers what the server has. */
  take(claim: LockClaim): Promise<ServerStates> {
    return this.#alone(async () => {
      const lock = grantLock(this.#read(), claim, this.#now());
      noteUnsent(this.#layout, claim);
      this.#write(lock);
      return this.states();
    });
  }

  /** Answers whether this run still holds it. What has expired is not taken again: the state may be another by now. */
  renew(run: string): Promise<boolean> {
    return this.#alone(async () => {
      const held = this.held();
      if (held?.run !== run) return false;
      this.#write(grantLock(held, { ...held, speaks: 0, state: null }, this.#now()));
      return true;
    });
  }

  /** Releases the lock. A lock of another run is left alone. */
  release(run: string): Promise<void> {
    return this.#alone(async () => {
      if (this.#read()?.run === run) rmSync(this.#file);
    });
  }

  /** Stores a copy of the state if it continues the history. Nothing is unsent after that. */
  putState(run: string, sealed: string, base: StateBase): Promise<{ id: string }> {
    return this.#alone(async () => {
      assertFree(this.#read(), run, this.#now());
      assertMayChange(this.#layout, base);
      const stored = putState(this.#layout, sealed, base);
      forgetUnsent(this.#layout);
      return stored;
    });
  }

  /** Goes on without the state of an interrupted run, because its owner said so. */
  forgetUnsent(run: string): Promise<void> {
    return this.#alone(async () => {
      assertFree(this.#read(), run, this.#now());
      forgetUnsent(this.#layout);
    });
  }

  /** Does something that must not happen while a deploy changes the server. A deploy that begins meanwhile waits. */
  whileUnchanged<T>(work: () => Promise<T>): Promise<T> {
    return this.#alone(async () => {
      const held = this.held();
      if (held?.stage === 'changing') throw new Error(describeHeld(held, this.#now()));
      return work();
    });
  }

  /** The lock that holds now. */
  held(): DeployLock | null {
    return unexpired(this.#read(), this.#now());
  }

  states(): ServerStates {
    return { newest: newestState(this.#layout), unsent: readUnsent(this.#layout) };
  }

  get #file(): string {
    return join(this.#layout.run, 'deploy-lock.json');
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return withLock(join(this.#layout.run, 'deploy-lock.flock'), work);
  }

  #read(): DeployLock | null {
    return existsSync(this.#file) ? (JSON.parse(readFileSync(this.#file, 'utf8')) as DeployLock) : null;
  }

  #write(lock: DeployLock): void {
    writeDurably(this.#file, JSON.stringify(lock));
  }
}
