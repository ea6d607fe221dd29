import { randomBytes } from 'node:crypto';
import { Attribute, Change } from 'ldapts';
import { type CheckAccount, type CheckRole, checkAccounts } from '../../core/users/check-accounts.ts';
import { ldap } from '../../core/users/ldap.ts';
import { withFreeLock, withLock } from '../../system/with-lock.ts';
import type { Layout } from '../store/layout.ts';
import { inLdap, whereThere } from './ldap.ts';
import { addEntry, type EntryWriter, leave, lock, userDn } from './ldap-users.ts';

/** Both accounts, for one check. */
export type CheckAccounts = Record<CheckRole, CheckAccount>;
/** Opens LDAP for a piece of work. */
type OpenLdap = <T>(work: (client: EntryWriter) => Promise<T>) => Promise<T>;

const lockFile = '/run/haven/check-accounts.lock';
/** The administrator first: it is disabled first. */
const roles = ['admin', 'user'] as const;
const names = roles.map((role) => checkAccounts[role]);

/** Creates both accounts, disabled. */
export async function ensureCheckAccounts(layout: Layout): Promise<void> {
  await withLock(lockFile, () => inLdap(layout, createDisabled));
}

/**
 * Runs a login check with both accounts enabled.
 *
 * One of them is an administrator, so they work only meanwhile: they are enabled with new passwords, which nothing
 * stores, and disabled afterwards, however the check ends. One check runs at a time. If the agent is killed in between,
 * the next run of `user-mirror` or the next check disables them.
 */
export async function withCheckAccounts<T>(
  layout: Layout,
  check: (accounts: CheckAccounts) => Promise<T>,
): Promise<T> {
  return whileEnabled((work) => inLdap(layout, work), lockFile, check);
}

/** Disables what a killed check left enabled. `locked`: the names that are disabled in LDAP. */
export async function disableLeftEnabled(layout: Layout, locked: string[]): Promise<void> {
  await disableUnlessChecking((work) => inLdap(layout, work), lockFile, locked);
}

/** {@link ensureCheckAccounts}, with a client that is connected. */
export async function createDisabled(client: EntryWriter): Promise<void> {
  for (const role of roles) {
    const name = checkAccounts[role];
    const user = { name, givenName: 'Check', surname: role, groups: [] };
    await addEntry(client, user, `${name}@localhost.invalid`);
  }
  await disable(client);
  // Members of the group administer the login itself; services see this account as an administrator by a role.
  await whereThere(leave(client, checkAccounts.admin, ldap.admins));
}

/** {@link withCheckAccounts}, at any LDAP. */
export async function whileEnabled<T>(
  open: OpenLdap,
  file: string,
  check: (accounts: CheckAccounts) => Promise<T>,
): Promise<T> {
  return withLock(file, async () => {
    const accounts = { user: newAccount('user'), admin: newAccount('admin') };
    try {
      await open((client) => enable(client, Object.values(accounts))).catch(refuseCheck);
      return await check(accounts);
    } finally {
      await open(disable).catch(reportEnabled);
    }
  });
}

/** {@link disableLeftEnabled}, at any LDAP. */
export async function disableUnlessChecking(open: OpenLdap, file: string, locked: string[]): Promise<void> {
  if (names.every((name) => locked.includes(name))) return;
  await withFreeLock(file, () => open(disable));
}

const newAccount = (role: CheckRole): CheckAccount => ({
  name: checkAccounts[role],
  password: randomBytes(32).toString('base64url'),
});

async function enable(client: EntryWriter, accounts: CheckAccount[]): Promise<void> {
  for (const { name, password } of accounts) {
    const modification = new Attribute({ type: 'userPassword', values: [password] });
    await client.modify(userDn(name), new Change({ operation: 'replace', modification }));
    await lock(client, name, false);
  }
}

async function disable(client: EntryWriter): Promise<void> {
  for (const name of names) await whereThere(lock(client, name, true));
}

function refuseCheck(error: Error): never {
  throw new Error(
    `The accounts of the login check could not be enabled in LDAP: ${error.message}. Run: haven logs ldap`,
    { cause: error },
  );
}

/** Not thrown: it would hide how the check ended. */
function reportEnabled(error: Error): void {
  process.stderr.write(
    `The accounts of the login check could not be disabled in LDAP: ${error.message}. The server retries every 10 seconds.\n`,
  );
}
