import type { DeployLock, LockClaim, StateBase } from '../../core/operations/deploy-lock.ts';
import { refuseOlder } from '../../core/operations/protocol.ts';
import type { ServerStates } from '../../core/operations/state-history.ts';
import type { Layout } from '../store/layout.ts';
import { ServerLock } from './deploy-lock.ts';
import { getState } from './state-copies.ts';

/** What a plan asks, which takes no lock: the copies, and who holds the lock. */
export interface StateLook extends ServerStates {
  held: DeployLock | null;
}

export const lookAtStates = (lock: ServerLock): StateLook => ({ ...lock.states(), held: lock.held() });

/** The agent's commands on the deploy lock and on copies of the state. `input` reads a command's standard input. */
export function stateCalls(
  layout: Layout,
  input: () => Promise<string>,
  lock = new ServerLock(layout),
): Record<string, (args: string[]) => Promise<unknown>> {
  return {
    'deploy-lock-take': async ([claim]) => {
      const claimed = JSON.parse(claim!) as LockClaim;
      refuseOlder(claimed.speaks);
      return lock.take(claimed);
    },
    'deploy-lock-renew': async ([run]) => ({ held: await lock.renew(run!) }),
    'deploy-lock-release': async ([run]) => {
      await lock.release(run!);
      return { released: run };
    },
    'state-look': async () => lookAtStates(lock),
    'state-get': async ([id]) => getState(layout, id!),
    'state-put': async ([run, base]) => lock.putState(run!, await input(), JSON.parse(base!) as StateBase),
    'state-forget-unsent': async ([run]) => {
      await lock.forgetUnsent(run!);
      return { forgotten: true };
    },
  };
}
