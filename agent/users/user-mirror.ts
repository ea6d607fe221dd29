import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { checkAccounts } from '../../core/users/check-accounts.ts';
import { dependencies, realm } from '../../core/users/login.ts';
import { retryAccountRemovals } from '../effects/account-removals.ts';
import { settleAppAccounts } from '../effects/app-accounts.ts';
import { disableLeftEnabled } from '../effects/check-accounts.ts';
import { isRunning } from '../effects/containers.ts';
import { openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { inLdap } from '../effects/ldap.ts';
import { isUser, lockedNames } from '../effects/ldap-users.ts';
import { applyLoginKeys } from '../effects/login-keys.ts';
import { putSendingBack } from '../effects/sending.ts';
import { currentHash } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { isBeingChanged, isSwitchedOff } from '../store/running.ts';
import { endRescue } from './rescue.ts';
import { tellAccounts } from './service-accounts.ts';
import { tellAdmins } from './service-admins.ts';
import { setEnabled } from './set-enabled.ts';
import { retryPendingTasks } from './user-hooks.ts';
import { readSeen, writeSeen } from './user-seen.ts';

/**
 * Keeps LDAP and the login in agreement on who is disabled. A change may be made on one side only: in LDAP, or by an
 * administrator in the login's console. Runs every few seconds; changes made by a command are already on both sides.
 * The accounts of users' programs follow what LDAP says, and are created here for users who have none yet. Programs that
 * check tokens themselves get the login's newest keys.
 */
export async function mirrorUsers(layout: Layout): Promise<{ changed: string[] }> {
  // Skipped while either can't answer; the next run looks again.
  if (!(await canAnswer(layout, dependencies.ldap))) return { changed: [] };
  await inLdap(layout, settleAppAccounts);
  if (!(await canAnswer(layout, dependencies.login))) return { changed: [] };
  await retryAccountRemovals(layout);
  await retryPendingTasks(layout);
  const began = new Date().toISOString();
  const locked = await lockedNames(layout);
  await disableLeftEnabled(layout, locked);
  const seen = readSeen(layout) ?? { off: locked, eventsUntil: began };

  const admin = await openKeycloak(runningKeycloak(layout));
  await endRescue(admin);
  await putSendingBack(layout, admin);
  const changed = changedSides(seen.off, locked, await changedAtLogin(admin, seen.eventsUntil));
  const off = new Set(seen.off);
  for (const [name, enabled] of changed) {
    const isThere = await isUser(layout, name);
    if (isThere) await setEnabled(layout, name, enabled);
    isThere && !enabled ? off.add(name) : off.delete(name);
  }
  writeSeen(layout, { off: [...off], eventsUntil: began });
  await tellAccounts(layout);
  await tellAdmins(layout);
  await applyLoginKeys(layout);
  return { changed: [...changed.keys()] };
}

/**
 * Tells services which users and administrators there are, where they don't know it yet: one that did not wait for a new
 * login has been told of nobody. Does nothing while LDAP or the login can't answer.
 */
export async function tellServices(layout: Layout): Promise<void> {
  for (const provider of [dependencies.ldap, dependencies.login])
    if (!(await canAnswer(layout, provider))) return;
  await tellAccounts(layout);
  await tellAdmins(layout);
}

/** Not while it is being changed or is stopped, and not while it is still starting, as after a reboot. */
async function canAnswer(layout: Layout, service: string): Promise<boolean> {
  const hash = currentHash(layout, service);
  if (!hash || isBeingChanged(layout, service) || isSwitchedOff(layout, service)) return false;
  return isRunning(layout.release(service, hash), service);
}

/**
 * The users who changed on one side since both last agreed, and the state that both sides should have. If the two
 * sides were changed in opposite ways, disabled wins. The accounts of login checks are not users: each check enables and
 * disables them.
 */
export function changedSides(
  off: string[],
  locked: string[],
  atLogin: [name: string, enabled: boolean][],
): Map<string, boolean> {
  const wanted = new Map<string, boolean>();
  for (const name of off) if (!locked.includes(name)) wanted.set(name, true);
  for (const [name, enabled] of atLogin) if (enabled === off.includes(name)) wanted.set(name, enabled);
  for (const name of locked) if (!off.includes(name)) wanted.set(name, false);
  for (const name of Object.values(checkAccounts)) wanted.delete(name);
  return wanted;
}

/** Users whom an administrator changed at the login since then, and whether they may log in now. */
async function changedAtLogin(admin: KcAdminClient, since: string): Promise<[string, boolean][]> {
  const events = await adminEvents(admin, since);
  const ids = new Set(
    events.flatMap(({ resourcePath }) => /^users\/([0-9a-f-]{36})$/.exec(resourcePath ?? '')?.[1] ?? []),
  );
  if (ids.size === 0) return [];
  await mustReachLdap(admin);
  const users: [string, boolean][] = [];
  for (const id of ids) {
    const user = await admin.users.findOne({ id });
    if (user?.username) users.push([user.username, user.enabled ?? true]);
  }
  await mustReachLdap(admin);
  return users;
}

/**
 * When the login can't reach LDAP, it reports every user as disabled (Keycloak 26), so nothing it says counts. An
 * account that is only ever disabled in LDAP shows whether this is the case.
 */
async function mustReachLdap(admin: KcAdminClient): Promise<void> {
  await admin.cache.clearUserCache({ realm });
  const [checkAccount] = await admin.users.find({ username: checkAccounts.user, exact: true });
  if (!checkAccount?.enabled)
    throw new Error("The login can't reach LDAP right now, so its changes are not applied.");
}

/**
 * What administrators changed about users. Requested without the client's own method, which writes the date in a form
 * that Keycloak 26.5 can't read. The ranges overlap by a few seconds, so that no event is missed.
 */
async function adminEvents(admin: KcAdminClient, since: string): Promise<{ resourcePath?: string }[]> {
  const query = new URLSearchParams({
    dateFrom: String(Date.parse(since) - 10_000),
    operationTypes: 'UPDATE',
    resourceTypes: 'USER',
    max: '1000',
  });
  const answer = await fetch(`${admin.baseUrl}/admin/realms/${realm}/admin-events?${query}`, {
    headers: { authorization: `Bearer ${await admin.getAccessToken()}` },
    signal: AbortSignal.timeout(15_000),
  });
  if (!answer.ok)
    throw new Error(`the login did not list its events: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { resourcePath?: string }[];
}
