import type { LockClaim } from '../../core/operations/deploy-lock.ts';
import type { Bundle } from '../../core/release/release.ts';
import { dependencies } from '../../core/users/login.ts';
import { writeStatus } from '../checks/status.ts';
import { setQuotas } from '../data/quotas.ts';
import { ServerLock } from '../server/deploy-lock.ts';
import { storeBundle } from '../store/bundle-store.ts';
import { damageOf } from '../store/damage.ts';
import type { Layout } from '../store/layout.ts';
import { putSecret } from '../store/secrets.ts';
import { followOperation, startOperation } from './operation.ts';
import { putReleaseRight } from './put-release-right.ts';
import { readService, type ServiceState } from './service-state.ts';
import { settleAccounts } from './settle-accounts.ts';

/** What a deploy sends on standard input: the bundle, the quotas of its data, and the secrets that the owner sets. */
export interface DeployOrder {
  bundle?: Bundle;
  /** By the name of the data, in GB. None when the service is removed: its data stays as it is. */
  quotas: Record<string, number>;
  given: { name: string; generation: number; value: string }[];
}

/** Which operation on which service, under which deploy lock. */
export interface Deploy {
  id: string;
  service: string;
  to: string | null;
  claim: LockClaim;
}

/**
 * One deploy of one service: takes the deploy lock, stores what was sent, starts the operation in a unit of its own,
 * which outlives the SSH connection, and follows it to its end. Changes nothing when the service is already as
 * wanted. Returns the service's state afterwards.
 */
export async function deploy(
  layout: Layout,
  { id, service, to, claim }: Deploy,
  { bundle, quotas, given }: DeployOrder,
  agent: string[],
): Promise<ServiceState> {
  const lock = new ServerLock(layout);
  const renew = async () => void (await lock.take(claim));
  await renew();
  await setQuotas(layout, service, quotas);
  const state = await readService(layout, service);
  const upToDate = to === null || state.healthy || (state.switchedOff && state.problem === null);
  if (state.release === to && state.open === null) {
    // Also before an operation that starts it again: containers without their networks would not become healthy.
    if (to !== null && state.differs.length > 0) await putReleaseRight(layout, service, to);
    if (upToDate) {
      if (to === null || state.differs.length === 0) return state;
      await settleAccounts(layout, (release) => release.service === service);
      return readService(layout, service);
    }
  }
  if (to !== null && bundle) storeBundle(layout, bundle, to);
  // An operation can't begin on what it can't read, and its unit would be started again and again.
  const damage = damageOf(layout, service);
  if (damage !== undefined) throw new Error(damage);
  for (const { value, ...secret } of given) putSecret(layout, { service, ...secret }, value);
  await startOperation(layout, { id, service, to, by: claim.holder }, agent);
  await followOperation(layout, service, id, renew);
  // Whichever of both ends last sees the other: services that did not wait for a new login get their client there.
  await settleAccounts(
    layout,
    (release) =>
      release.login?.mayComeLater === true && (service === dependencies.login || release.service === service),
  );
  const [ended] = await Promise.all([readService(layout, service), writeStatus(layout)]);
  return ended;
}
