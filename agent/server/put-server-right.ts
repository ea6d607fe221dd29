import type { LockClaim } from '../../core/operations/deploy-lock.ts';
import type { Layout } from '../store/layout.ts';
import { ServerLock } from './deploy-lock.ts';
import { runningOperations } from './install.ts';
import { lookAtServer } from './server-look.ts';

/**
 * Sets the server up again under the deploy lock of the run that found something changed, never beside an operation: it
 * may restart Docker. Throws if something still differs afterwards.
 */
export async function putServerRight(
  layout: Layout,
  { claim, open, setUp }: { claim: LockClaim; open: string[]; setUp: () => Promise<string[]> },
): Promise<void> {
  await new ServerLock(layout).take(claim);
  const busy = await runningOperations(open);
  if (busy.length > 0)
    throw new Error(
      `The server was not set up again, because an operation is running on ${busy.join(', ')}. Nothing was changed. To see when it has ended, run: haven status   Then run: haven up`,
    );
  await setUp();
  const left = await lookAtServer(layout);
  if (left.length > 0)
    throw new Error(
      `The server was set up again, but this is still not as it should be: ${left.join(', ')}. Something else on the server may change it. To look at it, run: haven ssh   Then run: haven up`,
    );
}
