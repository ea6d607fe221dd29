import type KcAdminClient from '@keycloak/keycloak-admin-client';
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
import { checkAccounts } from '../../core/users/check-accounts.ts';
import { type InvitationLetter, renderInvitation } from '../../core/users/invitation-email.ts';
import { ldap } from '../../core/users/ldap.ts';
import { realm } from '../../core/users/login.ts';
import { readablePassword } from '../../core/users/readable-password.ts';
import type { NewUser, User } from '../../core/users/user.ts';
import { noticeLdap, noticeNames, openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { inLdap, whereThere } from '../effects/ldap.ts';
import type { Layout } from '../server/layout.ts';
import { invitationHours, invitationLink } from './invitation.ts';
import { sendLetter, smtpServerOfLogin } from './sending.ts';
import { tellServices, type UserIdentity } from './user-hooks.ts';
import { noteSwitched } from './user-seen.ts';

/** What `haven user` asks of the agent. */
export type UserRequest =
  | { ask: 'list' }
  | { ask: 'add'; users: NewUser[]; domain: string }
  | {
      ask: 'invite';
      name: string;
      host: string;
      newSecondFactor?: boolean;
      /** Where the link is sent, beside being the answer. */
      sendTo?: string | undefined;
    }
  | { ask: 'password'; name: string }
  | { ask: 'rescue' }
  | { ask: 'switch'; name: string; enabled: boolean }
  | { ask: 'remove'; name: string; successor?: string | undefined }
  | { ask: 'rename'; name: string; to: string }
  | { ask: 'groups'; name: string; join: string[]; leave: string[] };

/** How somebody gets in for the first time, or again: a link that is good for once, and for some hours. */
export interface Invitation {
  name: string;
  link: string;
  hours: number;
  /** Whether it went out by mail, where that was asked for. */
  sent?: { to: string; why?: string };
}

/** A password that must be changed at once, for whom no link can be sent. */
export interface OneTimePassword {
  name: string;
  oneTimePassword: string;
}

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
      return setUser(layout, request.name, request.enabled);
    case 'remove':
      return removeUser(layout, request.name, request.successor);
    case 'rename':
      return renameUser(layout, request.name, request.to);
    case 'groups':
      return changeGroups(layout, request.name, request.join, request.leave);
  }
}

const userDn = (name: string): string => `uid=${name},${ldap.users}`;
/** What programs of a user log in as; made by the portal with the first app password. */
const appAccountDn = (name: string): string => `uid=${name},${ldap.appPasswords}`;
const groupDn = (name: string): string => `cn=${name},${ldap.groups}`;
/** A time that is always past: locked until somebody unlocks it (draft-behera-ldap-password-policy §5.3.3). */
const lockedForGood = '000001010000Z';
const rescueName = 'haven-rescue';
/** For how long a rescuer may be. */
export const rescueMinutes = 60;
const checkNames: string[] = Object.values(checkAccounts);

async function listUsers(client: Client): Promise<User[]> {
  const attributes = ['uid', 'givenName', 'sn', 'mail', 'pwdAccountLockedTime'];
  const filter = '(objectClass=havenUser)';
  const users = await client.search(ldap.users, { filter, attributes, paged: true });
  const groups = await client.search(ldap.groups, {
    filter: '(objectClass=groupOfMembers)',
    attributes: ['cn', 'member'],
  });
  return users.searchEntries
    .map((entry) => asUser(entry, groups.searchEntries))
    .filter(({ name }) => !checkNames.includes(name))
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

const list = (value: Entry[string] | undefined): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
const text = (value: Entry[string] | undefined): string => list(value)[0] ?? '';

/** The one of that name; throws in words where there is none. */
async function findUser(client: Client, name: string): Promise<User> {
  const found = (await listUsers(client)).find((each) => each.name === name);
  if (!found) throw new Error(`There is nobody called "${name}" here.`);
  return found;
}

/** Makes users who aren't there yet; those who are there stay as they are and are named in the answer. */
async function addUsers(
  layout: Layout,
  users: NewUser[],
  domain: string,
): Promise<{ added: string[]; there: string[] }> {
  const added: string[] = [];
  const there: string[] = [];
  await inLdap(layout, async (client) => {
    for (const user of users) {
      const isNew = await addEntry(client, user, `${user.name}@${domain}`);
      (isNew ? added : there).push(user.name);
      for (const group of user.groups) await join(client, user.name, group);
    }
  });
  await noticeLdap(await openKeycloak(runningKeycloak(layout)));
  return { added, there };
}

async function addEntry(client: Client, user: NewUser, mail: string): Promise<boolean> {
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

async function join(client: Client, name: string, group: string): Promise<void> {
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

async function leave(client: Client, name: string, group: string): Promise<void> {
  const modification = new Attribute({ type: 'member', values: [userDn(name)] });
  try {
    await client.modify(groupDn(group), new Change({ operation: 'delete', modification }));
  } catch (error) {
    if (!(error instanceof NoSuchAttributeError)) throw error;
  }
}

async function changeGroups(layout: Layout, name: string, joined: string[], left: string[]): Promise<User> {
  const user = await inLdap(layout, async (client) => {
    await findUser(client, name);
    for (const group of joined) await join(client, name, group);
    for (const group of left) await leave(client, name, group);
    return findUser(client, name);
  });
  await noticeLdap(await openKeycloak(runningKeycloak(layout)));
  return user;
}

/** A link to choose a password by. With a lost second factor, what there was of it is taken away first. */
async function invite(
  layout: Layout,
  name: string,
  {
    host,
    newSecondFactor = false,
    sendTo,
  }: { host: string; newSecondFactor?: boolean; sendTo?: string | undefined },
): Promise<Invitation> {
  const user = await inLdap(layout, (client) => findUser(client, name));
  if (!user.enabled) throw new Error(`${name} is switched off. Type: haven user enable ${name}`);
  const admin = await openKeycloak(runningKeycloak(layout));
  const id = await loginIdOf(admin, name);
  if (newSecondFactor) await forgetDevices(layout, admin, { name, subject: id });
  const smtpServer = smtpServerOfLogin(layout);
  const link = await invitationLink(admin, id, { actions: ['UPDATE_PASSWORD'], host, smtpServer });
  const invitation = { name, link, hours: invitationHours };
  if (sendTo === undefined) return invitation;
  const letter = { ...invitation, givenName: user.givenName, haven: smtpServer.fromDisplayName ?? host };
  return { ...invitation, sent: await sendInvitation(layout, smtpServer, sendTo, letter) };
}

/**
 * No passkey, code or open session of theirs lets anybody in any more. The password ends first: without its second factor
 * it would be enough. App passwords stay: each is for one program, and taken back by itself.
 */
async function forgetDevices(layout: Layout, admin: KcAdminClient, user: UserIdentity): Promise<void> {
  const id = user.subject;
  const value = await newPassword(admin);
  await admin.users.resetPassword({ id, credential: { type: 'password', value, temporary: false } });
  for (const { id: credentialId, type } of await admin.users.getCredentials({ id }))
    if (credentialId && type !== 'password') await admin.users.deleteCredential({ id, credentialId });
  await admin.users.logout({ id });
  await tellServices(layout, { hook: 'logOut', user });
}

/** The link is good however its letter fares: what went wrong with that is told beside it. */
async function sendInvitation(
  layout: Layout,
  smtpServer: Record<string, string>,
  to: string,
  letter: InvitationLetter,
): Promise<{ to: string; why?: string }> {
  try {
    await sendLetter(layout, smtpServer, { to, ...renderInvitation(letter) });
    return { to };
  } catch (error) {
    return { to, why: error instanceof Error ? error.message : String(error) };
  }
}

/** A password for the next login alone: whoever comes in with it has to choose one of their own. */
async function oneTimePassword(layout: Layout, name: string): Promise<OneTimePassword> {
  await inLdap(layout, (client) => findUser(client, name));
  const admin = await openKeycloak(runningKeycloak(layout));
  const value = await newPassword(admin);
  await admin.users.resetPassword({
    id: await loginIdOf(admin, name),
    credential: { type: 'password', value, temporary: true },
  });
  return { name, oneTimePassword: value };
}

/** As long as the login wants it. */
async function newPassword(admin: KcAdminClient): Promise<string> {
  const { passwordPolicy = '' } = (await admin.realms.findOne({ realm })) ?? {};
  return readablePassword(Number(/\blength\((\d+)\)/.exec(passwordPolicy)?.[1] ?? 0));
}

/**
 * An administrator of the login who is not in LDAP: a way in when that is gone, or when the last administrator is.
 * Ends by itself ({@link endRescue}).
 */
async function rescue(layout: Layout): Promise<OneTimePassword> {
  const admin = await openKeycloak(runningKeycloak(layout));
  await endRescue(admin, 0);
  const { id } = await admin.users.create({
    username: rescueName,
    enabled: true,
    // Without these the login asks for them first.
    firstName: 'Rescue',
    lastName: 'Administrator',
    email: `${rescueName}@localhost.invalid`,
    emailVerified: true,
  });
  const [management] = await admin.clients.find({ clientId: 'realm-management' });
  const role = await admin.clients.findRole({ id: management?.id ?? '', roleName: 'realm-admin' });
  if (!management?.id || !role?.id || !role.name) throw new Error('The login has no role "realm-admin".');
  await admin.users.addClientRoleMappings({
    id,
    clientUniqueId: management.id,
    roles: [{ id: role.id, name: role.name }],
  });
  const value = await newPassword(admin);
  await admin.users.resetPassword({ id, credential: { type: 'password', value, temporary: true } });
  return { name: rescueName, oneTimePassword: value };
}

/** Removes the rescuer who is older than that. */
export async function endRescue(admin: KcAdminClient, olderThanMs = rescueMinutes * 60_000): Promise<void> {
  const [there] = await admin.users.find({ username: rescueName, exact: true });
  if (there?.id && Date.now() - (there.createdTimestamp ?? 0) >= olderThanMs) {
    await admin.users.logout({ id: there.id });
    await admin.users.del({ id: there.id });
  }
}

/** Locked in LDAP, off at the login, and every session ended; or all of it taken back. */
export async function setUser(layout: Layout, name: string, enabled: boolean): Promise<User> {
  const user = await inLdap(layout, async (client) => {
    await findUser(client, name);
    await lock(client, name, !enabled);
    return findUser(client, name);
  });
  const admin = await openKeycloak(runningKeycloak(layout));
  const id = await loginIdOf(admin, name);
  // With nothing but this to change: what Keycloak has of its own about a user stays.
  const account = await admin.users.findOne({ id });
  if (account && account.enabled !== enabled) await admin.users.update({ id }, { ...account, enabled });
  if (!enabled) await admin.users.logout({ id });
  noteSwitched(layout, name, enabled);
  await tellServices(layout, { hook: enabled ? 'enable' : 'disable', user: { name, subject: id } });
  return user;
}

/** Themselves, and the entry with which their programs log in, where they have one. */
async function lock(client: Client, name: string, isLocked: boolean): Promise<void> {
  const values = isLocked ? [lockedForGood] : [];
  const modification = new Attribute({ type: 'pwdAccountLockedTime', values });
  const change = new Change({ operation: 'replace', modification });
  await client.modify(userDn(name), change);
  await whereThere(client.modify(appAccountDn(name), change));
}

/** Off first, so that nothing new comes while what they made is handed on; gone last. */
async function removeUser(layout: Layout, name: string, successor: string | undefined): Promise<User> {
  if (successor !== undefined) await inLdap(layout, (client) => findUser(client, successor));
  const user = await setUser(layout, name, false);
  const admin = await openKeycloak(runningKeycloak(layout));
  const subject = await loginIdOf(admin, name);
  const left = await tellServices(layout, {
    hook: 'remove',
    user: { name, subject },
    ...(successor === undefined
      ? {}
      : { successor: { name: successor, subject: await loginIdOf(admin, successor) } }),
  });
  if (left.length > 0)
    throw new Error(
      `${name} is switched off, but not removed: ${left.map((each) => each.service).join(', ')} could not hand on what is theirs. Type the same again. If it stays like that: haven logs ${left[0]!.service}`,
    );
  await inLdap(layout, (client) => whereThere(client.del(appAccountDn(name))));
  // Through the login, which takes the entry out of LDAP, too.
  await admin.users.del({ id: subject });
  return user;
}

/**
 * Another name for the same user: their login, second factor, groups and what they made stay theirs, and mail to the
 * old address still reaches them. Typed again after an interruption it goes on; services that could not be told are told
 * later.
 */
async function renameUser(layout: Layout, name: string, to: string): Promise<User & { later: string[] }> {
  const user = await inLdap(layout, async (client) => {
    const all = await listUsers(client);
    const there = all.find((each) => each.name === to);
    // Cut off before, after this much was done: the old address is among the new one's.
    if (there && !all.some((each) => each.name === name) && (await wasOnce(client, there, name)))
      return there;
    if (there) throw new Error(`"${to}" is taken: it is ${there.givenName} ${there.surname}.`);
    const { email } = await findUser(client, name);
    const [, domain] = email.split('@');
    const mail = `${to}@${domain}`;
    const aliases = new Set([...(await aliasesOf(client, name)), `${name}@${domain}`]);
    aliases.delete(mail);
    const replace = (type: string, values: string[]) =>
      new Change({ operation: 'replace', modification: new Attribute({ type, values }) });
    if (email !== mail)
      await client.modify(userDn(name), [replace('mail', [mail]), replace('havenAlias', [...aliases])]);
    await whereThere(client.modifyDN(appAccountDn(name), `uid=${to}`));
    // Groups follow by themselves (slapo-refint(5)).
    await client.modifyDN(userDn(name), `uid=${to}`);
    return findUser(client, to);
  });
  const admin = await openKeycloak(runningKeycloak(layout));
  await noticeNames(admin);
  const subject = await loginIdOf(admin, to);
  await admin.users.logout({ id: subject });
  const left = await tellServices(layout, { hook: 'rename', user: { name, subject }, newName: to });
  return { ...user, later: left.map((each) => each.service) };
}

/** Is the address that somebody of that name had one of this user's? */
async function wasOnce(client: Client, user: User, name: string): Promise<boolean> {
  const domain = user.email.split('@')[1];
  return (await aliasesOf(client, user.name)).includes(`${name}@${domain}`);
}

async function aliasesOf(client: Client, name: string): Promise<string[]> {
  const found = await client.search(userDn(name), { scope: 'base', attributes: ['havenAlias'] });
  return list(found.searchEntries[0]?.havenAlias);
}

/** Is that somebody of LDAP, and not an account of the login's own? */
export async function isUser(layout: Layout, name: string): Promise<boolean> {
  const filter = new EqualityFilter({ attribute: 'uid', value: name });
  const found = await inLdap(layout, (client) => client.search(ldap.users, { filter, attributes: ['uid'] }));
  return found.searchEntries.length > 0;
}

/** Names of those who are switched off in LDAP. */
export async function lockedUsers(layout: Layout): Promise<string[]> {
  const filter = '(&(objectClass=havenUser)(pwdAccountLockedTime=*))';
  const found = await inLdap(layout, (client) =>
    client.search(ldap.users, { filter, attributes: ['uid'], paged: true }),
  );
  return found.searchEntries.map((entry) => text(entry.uid)).sort();
}

async function loginIdOf(admin: KcAdminClient, name: string): Promise<string> {
  const [found] = await admin.users.find({ username: name, exact: true });
  if (!found?.id)
    throw new Error(`The login does not know "${name}", though LDAP does. Type: haven logs keycloak`);
  return found.id;
}

/** The two with whom logins are proved; made where they aren't there, with the passwords that the agent keeps. */
export async function ensureCheckAccounts(
  layout: Layout,
  passwords: Record<keyof typeof checkAccounts, string>,
): Promise<void> {
  await inLdap(layout, async (client) => {
    for (const role of ['admin', 'user'] as const) {
      const name = checkAccounts[role];
      await addEntry(
        client,
        { name, givenName: 'CheckAccount', surname: role, groups: [] },
        `${name}@localhost.invalid`,
      );
      const password = new Attribute({ type: 'userPassword', values: [passwords[role]] });
      await client.modify(userDn(name), new Change({ operation: 'replace', modification: password }));
    }
    await join(client, checkAccounts.admin, ldap.admins);
  });
}
