import type { LockClaim } from '../../core/operations/deploy-lock.ts';
import type { RestoreTask } from '../../core/operations/entries.ts';
import { dependencies } from '../../core/users/login.ts';
import { writeStatus } from '../checks/status.ts';
import { applyAccounts, lookAtAccounts } from '../effects/accounts.ts';
import { knownServices } from '../effects/services-in-maintenance.ts';
import { ServerLock } from '../server/deploy-lock.ts';
import { currentHash, loadBundle } from '../store/bundle-store.ts';
import { damageOf } from '../store/damage.ts';
import type { Layout } from '../store/layout.ts';
import { isBeingChanged } from '../store/running.ts';
import { followOperation, startOperation } from './operation.ts';
import { readService, type ServiceState } from './service-state.ts';

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
  if (service === dependencies.ldap || service === dependencies.login) await settleOthers(layout);
  const [ended] = await Promise.all([readService(layout, service), writeStatus(layout)]);
  return ended;
}

/** What LDAP or the login forgot of other services by a restore. What can't be told them now is a line of the next plan. */
async function settleOthers(layout: Layout): Promise<void> {
  const releases = knownServices(layout).flatMap((service) => {
    const hash = isBeingChanged(layout, service) ? null : currentHash(layout, service);
    return hash === null ? [] : [loadBundle(layout, service, hash).release];
  });
  const differing = await lookAtAccounts(layout, releases);
  for (const release of releases.filter(({ service }) => differing.has(service)))
    await applyAccounts(layout, release);
}
