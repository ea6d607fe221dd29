import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Release } from '../../core/release/release.ts';
import { bindDn } from '../../core/users/ldap.ts';
import { dependencies } from '../../core/users/login.ts';
import { withLock } from '../../system/with-lock.ts';
import { currentHash } from '../store/bundle-store.ts';
import { readJson, writeJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';
import { openKeycloak, removeClient, runningKeycloak } from './keycloak.ts';
import { inLdap, whereThere } from './ldap.ts';

/**
 * The accounts that a service no longer uses, which are still to be removed: the service was removed, or a release of it
 * has fewer. No operation waits for LDAP or the login here: what they can't be told now is a pending task, and the timer
 * of users tries it again.
 */
interface AccountRemoval {
  service: string;
  ldap?: NonNullable<Release['ldap']>;
  login: boolean;
  /** Why the last try failed. The next try logs its reason only if it is another one. */
  reason?: string;
}

/**
 * Removes the accounts of a release that the release in its place does not have, or has it done when LDAP and the login
 * answer.
 */
export async function removeAccounts(
  layout: Layout,
  { service, ldap, login }: Release,
  inItsPlace: Release | undefined,
): Promise<void> {
  const [removal] = withoutThoseOf(inItsPlace, {
    service,
    ...(ldap ? { ldap } : {}),
    login: login !== undefined,
  });
  if (!removal) return;
  await changeRemovals(layout, async (removals) => tryAll(layout, [...without(removals, service), removal]));
}

/** Tries again what could not be removed before. */
export async function retryAccountRemovals(layout: Layout): Promise<void> {
  if (existsSync(fileOf(layout))) await changeRemovals(layout, (removals) => tryAll(layout, removals));
}

/** A service that is deployed again keeps the accounts of its release. */
export async function keepAccounts(layout: Layout, release: Release): Promise<void> {
  if (existsSync(fileOf(layout)))
    await changeRemovals(layout, async (removals) =>
      removals.flatMap((each) => (each.service === release.service ? withoutThoseOf(release, each) : [each])),
    );
}

/** The services whose accounts are still to be removed. */
export const pendingAccountRemovals = (layout: Layout): string[] =>
  readRemovals(layout).map(({ service }) => service);

async function tryAll(layout: Layout, removals: AccountRemoval[]): Promise<AccountRemoval[]> {
  // Written down first, so that they are done even if this process ends now.
  keep(layout, removals);
  const left: AccountRemoval[] = [];
  for (const removal of removals) {
    const reason = await tryRemoval(layout, removal);
    if (reason === undefined) continue;
    left.push({ ...removal, reason });
    if (reason !== removal.reason)
      process.stderr.write(`${removal.service}: its accounts can't be removed yet: ${reason}\n`);
  }
  return left;
}

/** Undefined when it succeeded, otherwise the reason. If LDAP or the login is gone, there is nothing to remove. */
async function tryRemoval(
  layout: Layout,
  { service, ldap, login }: AccountRemoval,
): Promise<string | undefined> {
  try {
    if (ldap && currentHash(layout, dependencies.ldap))
      await inLdap(layout, (client) => whereThere(client.del(bindDn(service, ldap))));
    if (login && currentHash(layout, dependencies.login))
      await removeClient(await openKeycloak(runningKeycloak(layout)), service);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What is left to remove beside the accounts that a release has; empty when that is nothing. */
function withoutThoseOf(
  release: Release | undefined,
  { ldap, login, ...rest }: AccountRemoval,
): AccountRemoval[] {
  const left = accountsBeside(release, { ldap, login: login || undefined });
  if (!left.ldap && !left.login) return [];
  return [{ ...rest, ...(left.ldap ? { ldap: left.ldap } : {}), login: left.login !== undefined }];
}

/** The accounts of these that a release does not have. */
export const accountsBeside = <Login>(
  release: Pick<Release, 'ldap' | 'login'> | undefined,
  { ldap, login }: { ldap?: Release['ldap'] | undefined; login?: Login | undefined },
): { ldap: Release['ldap'] | undefined; login: Login | undefined } => ({
  ldap: ldap === release?.ldap ? undefined : ldap,
  login: release?.login ? undefined : login,
});

const without = (removals: AccountRemoval[], service: string): AccountRemoval[] =>
  removals.filter((each) => each.service !== service);

const fileOf = (layout: Layout): string => join(layout.users, 'account-removals.json');

/** Under a lock, so that a removal never runs beside a deploy of the same service. */
function changeRemovals(
  layout: Layout,
  change: (removals: AccountRemoval[]) => Promise<AccountRemoval[]>,
): Promise<void> {
  return withLock(join(layout.users, 'account-removals.lock'), async () =>
    keep(layout, await change(readRemovals(layout))),
  );
}

const readRemovals = (layout: Layout): AccountRemoval[] => readJson(fileOf(layout)) ?? [];

const keep = (layout: Layout, removals: AccountRemoval[]): void => writeJson(fileOf(layout), removals);
