import { Attribute, Change, type Client } from 'ldapts';
import {
  type AppAccount,
  type AppAccountChange,
  type AppAccountOwner,
  changesToAppAccounts,
} from '../../core/users/app-accounts.ts';
import { ldap } from '../../core/users/ldap.ts';
import { appAccountDn, list, lockedForGood, text } from './ldap-users.ts';

/**
 * Whose an app account is: an attribute that objects of class `account` have in every slapd (RFC 4524 §3.1), so that
 * this also works while an older release of LDAP runs. The portal can't write it.
 */
const ownerAttribute = 'description';

/**
 * Makes the app accounts follow the users: added, locked, renamed and deleted with them, on whichever side a user was
 * changed. Every command that changes users calls it, and `user-mirror` every few seconds. One at a time: the caller
 * holds the lock of all commands on users.
 */
export async function settleAppAccounts(client: Client): Promise<void> {
  // In this order, because an account is added after its user: one without a user is then really left over.
  const accounts = await listAppAccounts(client);
  const users = await listOwners(client);
  for (const change of changesToAppAccounts(users, accounts)) await apply(client, change);
}

async function listAppAccounts(client: Client): Promise<AppAccount[]> {
  const found = await client.search(ldap.appPasswords, {
    filter: '(objectClass=havenAppAccount)',
    attributes: ['uid', ownerAttribute, 'pwdAccountLockedTime'],
    paged: true,
  });
  return found.searchEntries.map((entry) => ({
    name: text(entry.uid),
    owner: list(entry[ownerAttribute])[0],
    isLocked: list(entry.pwdAccountLockedTime).length > 0,
  }));
}

async function listOwners(client: Client): Promise<AppAccountOwner[]> {
  const found = await client.search(ldap.users, {
    filter: '(objectClass=havenUser)',
    attributes: ['uid', 'entryUUID', 'pwdAccountLockedTime'],
    paged: true,
  });
  return found.searchEntries.map((entry) => ({
    id: text(entry.entryUUID),
    name: text(entry.uid),
    isLocked: list(entry.pwdAccountLockedTime).length > 0,
  }));
}

async function apply(client: Client, change: AppAccountChange): Promise<void> {
  const dn = appAccountDn(change.name);
  switch (change.change) {
    case 'delete':
      return client.del(dn);
    case 'rename':
      return client.modifyDN(dn, `uid=${change.to}`);
    case 'set-owner':
      return client.modify(dn, replace(ownerAttribute, change.owner));
    case 'lock':
      return client.modify(dn, replace('pwdAccountLockedTime', lockedForGood));
    case 'unlock':
      return client.modify(dn, replace('pwdAccountLockedTime'));
    case 'add':
      return client.add(dn, {
        objectClass: ['havenAppAccount'],
        uid: change.name,
        [ownerAttribute]: change.owner,
        ...(change.isLocked ? { pwdAccountLockedTime: lockedForGood } : {}),
      });
  }
}

const replace = (type: string, ...values: string[]): Change =>
  new Change({ operation: 'replace', modification: new Attribute({ type, values }) });
