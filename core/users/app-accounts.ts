import { isCheckAccount } from './check-accounts.ts';

/**
 * App accounts: the entry in LDAP with which a user's programs log in. Each user has exactly one. It has their name, it
 * is locked while they are disabled, and it is deleted with them, so that the next user of that name does not get it.
 * Each notes whose it is by an id that never changes, because a name can change and can be used again.
 */
export interface AppAccount {
  name: string;
  /** The `entryUUID` (RFC 4530) of its user. Undefined in one that was made before these notes existed. */
  owner: string | undefined;
  isLocked: boolean;
}

/** What LDAP knows of a user. */
export interface AppAccountOwner {
  id: string;
  name: string;
  isLocked: boolean;
}

export type AppAccountChange =
  | { change: 'delete'; name: string }
  | { change: 'rename'; name: string; to: string }
  | { change: 'set-owner'; name: string; owner: string }
  | { change: 'lock' | 'unlock'; name: string }
  | { change: 'add'; name: string; owner: string; isLocked: boolean };

/** Names that the portal knows (`images/portal/src/app-passwords.ts`). The login's own console allows others. */
const canHaveAppAccount = ({ name }: AppAccountOwner): boolean =>
  /^[a-z][a-z0-9._-]{1,31}$/.test(name) && !isCheckAccount(name);

/** What has to change for the app accounts to follow the users. */
export function changesToAppAccounts(all: AppAccountOwner[], accounts: AppAccount[]): AppAccountChange[] {
  const users = all.filter(canHaveAppAccount);
  const ownerOf = ({ name, owner }: AppAccount) =>
    users.find((user) => (owner === undefined ? user.name === name : user.id === owner));
  const deleted = accounts.filter((account) => !ownerOf(account));
  const kept = accounts.filter((account) => !deleted.includes(account));
  return [
    ...deleted.map(({ name }) => ({ change: 'delete' as const, name })),
    ...kept.flatMap((account) => follow(ownerOf(account)!, account)),
    // A name that another account still has is free once that one has followed its own user.
    ...kept.flatMap((account) => {
      const to = ownerOf(account)!.name;
      return kept.some(({ name }) => name === to)
        ? []
        : [{ change: 'rename' as const, name: account.name, to }];
    }),
    ...users
      .filter((user) => !kept.some((account) => ownerOf(account) === user))
      .map(({ id, name, isLocked }) => ({ change: 'add' as const, name, owner: id, isLocked })),
  ];
}

function follow(user: AppAccountOwner, { name, owner, isLocked }: AppAccount): AppAccountChange[] {
  return [
    ...(owner === undefined ? [{ change: 'set-owner' as const, name, owner: user.id }] : []),
    ...(isLocked === user.isLocked ? [] : [{ change: user.isLocked ? 'lock' : 'unlock', name } as const]),
  ];
}
