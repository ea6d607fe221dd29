import type { Release } from '../../core/release/release.ts';
import { withLock } from '../../system/with-lock.ts';
import { applyAccounts, lookAtAccounts } from '../effects/accounts.ts';
import { currentReleases } from '../effects/current-releases.ts';
import type { Layout } from '../store/layout.ts';
import { isBeingChanged } from '../store/running.ts';

/**
 * Puts the accounts right that services have in LDAP and at the login, where those know others: after one of both was
 * restored, or when the login is new and a service was there before it. Leaves services that an operation is changing to it.
 */
export async function settleAccounts(
  layout: Layout,
  isWanted: (release: Release) => boolean = () => true,
): Promise<void> {
  // Two deploys that end at the same moment would both find a client missing, and the login refuses the second one.
  await withLock(`${layout.run}/settle-accounts.lock`, () =>
    putAccountsRight(
      layout,
      currentReleases(layout).filter((each) => isWanted(each) && !isBeingChanged(layout, each.service)),
    ),
  );
}

/** Makes those accounts of these releases right that are not as they should be. */
export async function putAccountsRight(layout: Layout, releases: Release[]): Promise<void> {
  const differing = await lookAtAccounts(layout, releases);
  for (const release of releases) if (differing.has(release.service)) await applyAccounts(layout, release);
}
