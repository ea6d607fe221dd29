import type { LockClaim } from '../../core/operations/deploy-lock.ts';
import type { RestoreTask } from '../../core/operations/entries.ts';
import { dependencies } from '../../core/users/login.ts';
import { writeStatus } from '../checks/status.ts';
import { ServerLock } from '../server/deploy-lock.ts';
import { damageOf } from '../store/damage.ts';
import type { Layout } from '../store/layout.ts';
import { followOperation, startOperation } from './operation.ts';
import { readService, type ServiceState } from './service-state.ts';
import { settleAccounts } from './settle-accounts.ts';

/** What `haven restore` asks for, under its deploy lock. */
export interface RestoreOrder {
  id: string;
  service: string;
  task: RestoreTask;
  claim: LockClaim;
}

/**
 * Restores a service's data: starts the operation in a unit of its own, which outlives the SSH connection, and follows it
 * to its end. Returns the service's state afterwards.
 */
export async function restoreService(
  layout: Layout,
  { id, service, task, claim }: RestoreOrder,
  agent: string[],
): Promise<ServiceState> {
  const lock = new ServerLock(layout);
  const renew = async () => void (await lock.take(claim));
  await renew();
  const damage = damageOf(layout, service);
  if (damage !== undefined) throw new Error(damage);
  await startOperation(layout, { id, service, task, by: claim.holder }, agent);
  await followOperation(layout, service, id, renew);
  // What these forgot of other services. What can't be told them now is a line of the next plan.
  if (service === dependencies.ldap || service === dependencies.login) await settleAccounts(layout);
  const [ended] = await Promise.all([readService(layout, service), writeStatus(layout)]);
  return ended;
}
