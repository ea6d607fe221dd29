import type { AddressBook } from '../../core/addresses/address-book.ts';
import { nameProblem } from '../../core/addresses/judge-alias.ts';
import { renderProblem } from '../../core/problem.ts';
import type { NewUser, User } from '../../core/users/user.ts';
import { settleAppAccounts } from '../effects/app-accounts.ts';
import { noticeLdap, openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { inLdap } from '../effects/ldap.ts';
import { readAddressBook } from '../effects/ldap-addresses.ts';
import { addEntry, findUser, join, leave, listUsers } from '../effects/ldap-users.ts';
import type { Layout } from '../store/layout.ts';
import { type AliasRequest, answerAliases } from './aliases.ts';
import { invite } from './invite.ts';
import { oneTimePassword } from './one-time-password.ts';
import { removeUser } from './remove-user.ts';
import { renameUser } from './rename-user.ts';
import { rescue } from './rescue.ts';
import { tellAccounts } from './service-accounts.ts';
import { tellAdmins } from './service-admins.ts';
import { setEnabled } from './set-enabled.ts';

/** What `haven user` asks of the agent. */
export type UserRequest =
  | { ask: 'list' }
  | { ask: 'add'; users: NewUser[]; domain: string }
  | {
      ask: 'invite';
      name: string;
      host: string;
      newSecondFactor?: boolean;
      /** Where to send the link, besides returning it. */
      sendTo?: string | undefined;
    }
  | { ask: 'password'; name: string }
  | { ask: 'rescue' }
  | { ask: 'switch'; name: string; enabled: boolean }
  | { ask: 'remove'; name: string; successor?: string | undefined }
  | { ask: 'rename'; name: string; to: string }
  | { ask: 'groups'; name: string; join: string[]; leave: string[] }
  | AliasRequest;

export async function answerUsers(layout: Layout, request: UserRequest): Promise<unknown> {
  switch (request.ask) {
    case 'list':
      return inLdap(layout, listUsers);
    case 'add':
      return addUsers(layout, request.users, request.domain);
    case 'invite':
      return invite(layout, request.name, request);
    case 'password':
      return oneTimePassword(layout, request.name);
    case 'rescue':
      return rescue(layout);
    case 'switch':
      return setEnabled(layout, request.name, request.enabled);
    case 'remove':
      return removeUser(layout, request.name, request.successor);
    case 'rename':
      return renameUser(layout, request.name, request.to);
    case 'groups':
      return changeGroups(layout, request.name, request.join, request.leave);
    case 'aliases':
    case 'alias-add':
    case 'alias-remove':
      return inLdap(layout, (client) => answerAliases(client, request));
  }
}

/**
 * Creates users that don't exist yet. Existing users are left unchanged and listed in the answer. `notes`: what services
 * told the owner, such as a name that is taken there.
 */
async function addUsers(
  layout: Layout,
  users: NewUser[],
  domain: string,
): Promise<{ added: string[]; there: string[]; notes: string[] }> {
  const added: string[] = [];
  const there: string[] = [];
  await inLdap(layout, async (client) => {
    // First, so that a new user does not get what a removed one of that name left.
    await settleAppAccounts(client);
    refuseNames(await readAddressBook(client), users);
    for (const user of users) {
      const isNew = await addEntry(client, user, `${user.name}@${domain}`);
      (isNew ? added : there).push(user.name);
      for (const group of user.groups) await join(client, user.name, group);
    }
    await settleAppAccounts(client);
  });
  await noticeLdap(await openKeycloak(runningKeycloak(layout)));
  const notes = await tellAccounts(layout);
  await tellAdmins(layout);
  return { added, there, notes };
}

/** Throws if one of these new users, or a group that they would be the first of, has the name of an alias. */
function refuseNames(
  book: AddressBook,
  users: NewUser[],
  groups = users.flatMap((each) => each.groups),
): void {
  const known = new Set([...book.groups, ...book.users.map(({ name }) => name)]);
  const names = [...users.map(({ name }) => name), ...groups].filter((name) => !known.has(name));
  const problems = [...new Set(names)].flatMap((name) => nameProblem(name, book) ?? []);
  if (problems.length > 0) throw new Error(problems.map(renderProblem).join('\n'));
}

async function changeGroups(
  layout: Layout,
  name: string,
  joined: string[],
  left: string[],
): Promise<User & { later: string[] }> {
  const user = await inLdap(layout, async (client) => {
    await findUser(client, name);
    refuseNames(await readAddressBook(client), [], joined);
    for (const group of joined) await join(client, name, group);
    for (const group of left) await leave(client, name, group);
    return findUser(client, name);
  });
  await noticeLdap(await openKeycloak(runningKeycloak(layout)));
  return { ...user, later: await tellAdmins(layout) };
}
