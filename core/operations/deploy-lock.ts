/**
 * One deploy at a time. A run of `haven` takes the server's deploy lock before it reads the state, renews it while it
 * works and releases it once the copy of the state is stored. A lock that is not renewed expires. Times are
 * milliseconds since the server's boot: no clock that can be set takes part.
 */
export interface DeployLock {
  /** One run of `haven`. Two terminals of one user are two runs. */
  run: string;
  /** `user@machine`, for people to read. */
  holder: string;
  stage: LockStage;
  /** The agent that this run may install on the server, by its hash. */
  agent: string | null;
  untilMs: number;
}

/** A run first reads, and may ask its owner for consent. Once it changes something, nothing else may. */
export type LockStage = 'reading' | 'changing';

/** What a run says when it asks for the deploy lock. */
export interface LockClaim {
  run: string;
  holder: string;
  /** The newest protocol that the caller knows. */
  speaks: number;
  /** The state that the run changes; null while it only reads. */
  state: StateBase | null;
  agent: string | null;
}

/** Which state a run changes: where it is kept, and the server's copy that it is based on. */
export interface StateBase {
  /** An owner's folder, or a backend that several share. */
  place: string;
  basedOn: string | null;
}

export const deployLockMs = 120_000;

/** The deploy lock after this request. Throws if another run holds it. */
export function grantLock(held: DeployLock | null, claim: LockClaim, nowMs: number): DeployLock {
  assertFree(held, claim.run, nowMs);
  const own = held?.run === claim.run ? held : null;
  return {
    run: claim.run,
    holder: claim.holder,
    stage: claim.state === null ? (own?.stage ?? 'reading') : 'changing',
    agent: claim.agent ?? own?.agent ?? null,
    untilMs: nowMs + deployLockMs,
  };
}

/** The lock that holds now, if any. */
export const unexpired = (held: DeployLock | null, nowMs: number): DeployLock | null =>
  held !== null && held.untilMs > nowMs ? held : null;

export function assertFree(held: DeployLock | null, run: string, nowMs: number): void {
  const other = unexpired(held, nowMs);
  if (other === null || other.run === run) return;
  throw new Error(describeHeld(other, nowMs));
}

export function describeHeld({ holder, untilMs }: DeployLock, nowMs: number): string {
  const seconds = Math.ceil((untilMs - nowMs) / 1000);
  return `${holder} is changing this server. Wait until that run of haven is done, then run the same command again. (If it was interrupted, its deploy lock expires in ${seconds} s.)`;
}
