import { Attribute, Change, type Client, NoSuchAttributeError } from 'ldapts';
import type { AddressBook, Forward } from '../../core/addresses/address-book.ts';
import { isCheckAccount } from '../../core/users/check-accounts.ts';
import { ldap } from '../../core/users/ldap.ts';
import { whereThere } from './ldap.ts';
import { type EntryWriter, groupDn, list, text, userDn } from './ldap-users.ts';

/**
 * Addresses as LDAP stores them. Another address of a user is in the user's own entry, so it is deleted with them. A forward
 * is an entry among the groups, whose `member` follows users who are renamed or removed (slapo-refint(5)).
 */
const forwardDn = (address: string): string => `havenAlias=${address},${ldap.groups}`;

export async function readAddressBook(client: Client): Promise<AddressBook> {
  const users = await client.search(ldap.users, {
    filter: '(objectClass=havenUser)',
    attributes: ['uid', 'mail', 'havenAlias'],
    paged: true,
  });
  const others = await client.search(ldap.groups, {
    filter: '(|(objectClass=groupOfMembers)(objectClass=havenForward))',
    attributes: ['objectClass', 'cn', 'havenAlias', 'member', 'havenForwardTo'],
    paged: true,
  });
  const isForward = (classes: string[]) => classes.some((each) => each.toLowerCase() === 'havenforward');
  return {
    users: users.searchEntries
      .map((entry) => ({
        name: text(entry.uid).toLowerCase(),
        email: text(entry.mail).toLowerCase(),
        aliases: list(entry.havenAlias).map((each) => each.toLowerCase()),
      }))
      .filter(({ name }) => !isCheckAccount(name)),
    groups: others.searchEntries
      .filter((entry) => !isForward(list(entry.objectClass)))
      .map((entry) => text(entry.cn).toLowerCase()),
    forwards: others.searchEntries
      .filter((entry) => isForward(list(entry.objectClass)))
      .map((entry) => ({
        address: text(entry.havenAlias).toLowerCase(),
        users: namesIn(list(entry.member), /^uid=([^,]+),/i),
        groups: namesIn(list(entry.member), /^cn=([^,]+),/i),
        addresses: list(entry.havenForwardTo),
      })),
  };
}

const namesIn = (members: string[], pattern: RegExp): string[] =>
  members.flatMap((dn) => pattern.exec(dn)?.[1]?.toLowerCase() ?? []).sort();

export async function addAlias(client: EntryWriter, address: string, user: string): Promise<void> {
  const modification = new Attribute({ type: 'havenAlias', values: [address] });
  await client.modify(userDn(user), new Change({ operation: 'add', modification }));
}

export async function addForward(
  client: EntryWriter,
  { address, users, groups, addresses }: Forward,
): Promise<void> {
  const member = [...users.map(userDn), ...groups.map(groupDn)];
  await client.add(forwardDn(address), {
    objectClass: 'havenForward',
    havenAlias: address,
    ...(member.length > 0 ? { member } : {}),
    ...(addresses.length > 0 ? { havenForwardTo: addresses } : {}),
  });
}

/** Removes an alias of the user who has it, or a forward. What does not exist any more is not an error. */
export async function removeAddress(
  client: Pick<Client, 'modify' | 'del'>,
  address: string,
  owner: string | undefined,
): Promise<void> {
  if (owner === undefined) return whereThere(client.del(forwardDn(address)));
  const modification = new Attribute({ type: 'havenAlias', values: [address] });
  try {
    await whereThere(client.modify(userDn(owner), new Change({ operation: 'delete', modification })));
  } catch (error) {
    if (!(error instanceof NoSuchAttributeError)) throw error;
  }
}
