import {
  AlreadyExistsError,
  Attribute,
  Change,
  type Client,
  type Entry,
  EqualityFilter,
  NoSuchAttributeError,
  TypeOrValueExistsError,
} from 'ldapts';
import { isCheckAccount } from '../../core/users/check-accounts.ts';
import { ldap } from '../../core/users/ldap.ts';
import type { NewUser, User } from '../../core/users/user.ts';
import type { Layout } from '../store/layout.ts';
import { inLdap, whereThere } from './ldap.ts';

/** Users as LDAP stores them: entries, groups and app accounts. The commands on users are in `agent/users/`. */
export const userDn = (name: string): string => `uid=${name},${ldap.users}`;
/** The account a user's programs log in with (`agent/effects/app-accounts.ts`). */
export const appAccountDn = (name: string): string => `uid=${name},${ldap.appPasswords}`;
export const groupDn = (name: string): string => `cn=${name},${ldap.groups}`;
/** A time that is always in the past: locked until explicitly unlocked (draft-behera-ldap-password-policy §5.3.3). */
export const lockedForGood = '000001010000Z';
/** The part of an LDAP client that changes entries. */
export type EntryWriter = Pick<Client, 'add' | 'modify'>;

export async function listUsers(client: Client): Promise<User[]> {
  const attributes = ['uid', 'givenName', 'sn', 'mail', 'pwdAccountLockedTime'];
  const filter = '(objectClass=havenUser)';
  const users = await client.search(ldap.users, { filter, attributes, paged: true });
  const groups = await client.search(ldap.groups, {
    filter: '(objectClass=groupOfMembers)',
    attributes: ['cn', 'member'],
  });
  return users.searchEntries
    .map((entry) => asUser(entry, groups.searchEntries))
    .filter(({ name }) => !isCheckAccount(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function asUser(entry: Entry, groups: Entry[]): User {
  const dn = entry.dn.toLowerCase();
  return {
    name: text(entry.uid),
    givenName: text(entry.givenName),
    surname: text(entry.sn),
    email: text(entry.mail),
    groups: groups
      .filter((each) => list(each.member).some((member) => member.toLowerCase() === dn))
      .map((each) => text(each.cn))
      .sort(),
    enabled: list(entry.pwdAccountLockedTime).length === 0,
  };
}

/** A user or an account of the login checks, as services show them. */
export interface LdapAccount {
  /** Of the entry: it stays the same when the user is renamed, and no other entry ever gets it (RFC 4530). */
  id: string;
  name: string;
  email: string;
  fullName: string;
}

/** Everyone who can have an account in a service: users, and the accounts of the login checks. */
export async function listAccounts(client: Client): Promise<LdapAccount[]> {
  const found = await client.search(ldap.users, {
    filter: '(objectClass=havenUser)',
    attributes: ['entryUUID', 'uid', 'mail', 'givenName', 'sn'],
    paged: true,
  });
  return found.searchEntries.map((entry) => ({
    id: text(entry.entryUUID),
    name: text(entry.uid),
    email: text(entry.mail),
    fullName: `${text(entry.givenName)} ${text(entry.sn)}`.trim(),
  }));
}

export const list = (value: Entry[string] | undefined): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
export const text = (value: Entry[string] | undefined): string => list(value)[0] ?? '';

/** Names of all users who administer this cloud. */
export async function adminNames(client: Client): Promise<string[]> {
  const filter = new EqualityFilter({ attribute: 'cn', value: ldap.admins });
  const found = await client.search(ldap.groups, { filter, attributes: ['member'] });
  return list(found.searchEntries[0]?.member)
    .flatMap((dn) => /^uid=([^,]+),/i.exec(dn)?.[1] ?? [])
    .sort();
}

/** The user with that name. Throws a readable error when there is none. */
export async function findUser(client: Client, name: string): Promise<User> {
  const found = (await listUsers(client)).find((each) => each.name === name);
  if (!found) throw new Error(`There is no user "${name}".`);
  return found;
}

export async function addEntry(client: EntryWriter, user: NewUser, mail: string): Promise<boolean> {
  try {
    await client.add(userDn(user.name), {
      objectClass: ['inetOrgPerson', 'havenUser'],
      uid: user.name,
      cn: `${user.givenName} ${user.surname}`,
      givenName: user.givenName,
      sn: user.surname,
      mail,
    });
    return true;
  } catch (error) {
    if (error instanceof AlreadyExistsError) return false;
    throw error;
  }
}

export async function join(client: EntryWriter, name: string, group: string): Promise<void> {
  try {
    await client.add(groupDn(group), { objectClass: 'groupOfMembers', cn: group });
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
  }
  const modification = new Attribute({ type: 'member', values: [userDn(name)] });
  try {
    await client.modify(groupDn(group), new Change({ operation: 'add', modification }));
  } catch (error) {
    if (!(error instanceof TypeOrValueExistsError)) throw error;
  }
}

export async function leave(client: EntryWriter, name: string, group: string): Promise<void> {
  const modification = new Attribute({ type: 'member', values: [userDn(name)] });
  try {
    await client.modify(groupDn(group), new Change({ operation: 'delete', modification }));
  } catch (error) {
    if (!(error instanceof NoSuchAttributeError)) throw error;
  }
}

/** Locks the user, and the account their programs log in with; those of login checks have none. */
export async function lock(client: EntryWriter, name: string, isLocked: boolean): Promise<void> {
  const values = isLocked ? [lockedForGood] : [];
  const modification = new Attribute({ type: 'pwdAccountLockedTime', values });
  const change = new Change({ operation: 'replace', modification });
  await client.modify(userDn(name), change);
  await whereThere(client.modify(appAccountDn(name), change));
}

export async function aliasesOf(client: Client, name: string): Promise<string[]> {
  const found = await client.search(userDn(name), { scope: 'base', attributes: ['havenAlias'] });
  return list(found.searchEntries[0]?.havenAlias);
}

/** Whether the name belongs to a user in LDAP, and not to an account that only the login has. */
export async function isUser(layout: Layout, name: string): Promise<boolean> {
  const filter = new EqualityFilter({ attribute: 'uid', value: name });
  const found = await inLdap(layout, (client) => client.search(ldap.users, { filter, attributes: ['uid'] }));
  return found.searchEntries.length > 0;
}

/** Names of everyone who is disabled in LDAP: users, and the check accounts when no check is running. */
export async function lockedNames(layout: Layout): Promise<string[]> {
  const filter = '(&(objectClass=havenUser)(pwdAccountLockedTime=*))';
  const found = await inLdap(layout, (client) =>
    client.search(ldap.users, { filter, attributes: ['uid'], paged: true }),
  );
  return found.searchEntries.map((entry) => text(entry.uid)).sort();
}
