import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { checkAccounts } from '../../core/users/check-accounts.ts';
import { dependencies, realm } from '../../core/users/login.ts';
import { openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { isUser, lockedUsers } from '../effects/ldap-users.ts';
import { currentHash } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { isBeingChanged } from '../store/running.ts';
import { endRescue } from './rescue.ts';
import { tellAdmins } from './service-admins.ts';
import { setEnabled } from './set-enabled.ts';
import { retryPendingTasks } from './user-hooks.ts';
import { readSeen, writeSeen } from './user-seen.ts';

/**
 * Carries over who was switched off or on at one side alone: in LDAP, or by an administrator in the login's own
 * console. Run every few seconds; what a command has carried over already is found as it should be.
 */
export async function mirrorUsers(layout: Layout): Promise<{ changed: string[] }> {
  if (!currentHash(layout, dependencies.login)) return { changed: [] };
  // It is looked at again when nobody is at it.
  if ([dependencies.ldap, dependencies.login].some((each) => isBeingChanged(layout, each)))
    return { changed: [] };
  await retryPendingTasks(layout);
  const began = new Date().toISOString();
  const locked = await lockedUsers(layout);
  const seen = readSeen(layout) ?? { off: locked, eventsUntil: began };

  const changed = changedSides(seen.off, locked, await changedAtLogin(layout, seen.eventsUntil));
  const off = new Set(seen.off);
  for (const [name, enabled] of changed) {
    const isThere = await isUser(layout, name);
    if (isThere) await setEnabled(layout, name, enabled);
    isThere && !enabled ? off.add(name) : off.delete(name);
  }
  writeSeen(layout, { off: [...off], eventsUntil: began });
  await tellAdmins(layout);
  return { changed: [...changed.keys()] };
}

/**
 * Who is otherwise at one side than both were before, and how they shall be at both. Where the sides were changed to
 * opposite ways at once, off wins.
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
  return wanted;
}

/** Users whom an administrator changed at the login since then, with whether they may log in now. */
async function changedAtLogin(layout: Layout, since: string): Promise<[string, boolean][]> {
  const admin = await openKeycloak(runningKeycloak(layout));
  await endRescue(admin);
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
 * A login that can't ask LDAP says of everybody there that they are off (Keycloak 26). Then nothing that it says
 * counts: somebody who is never switched off tells.
 */
async function mustReachLdap(admin: KcAdminClient): Promise<void> {
  await admin.cache.clearUserCache({ realm });
  const [checkAccount] = await admin.users.find({ username: checkAccounts.user, exact: true });
  if (!checkAccount?.enabled)
    throw new Error('The login does not reach LDAP now, so nothing is carried over from it.');
}

/**
 * What administrators changed of users. Asked without the client's own method, which writes its date in a way that
 * Keycloak 26.5 doesn't read. A few seconds are read twice, so that none falls between.
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
    throw new Error(`the login does not show its events: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { resourcePath?: string }[];
}
