import { Attribute, Change, type Client } from 'ldapts';
import { nameProblem } from '../../core/addresses/judge-alias.ts';
import { renderProblem } from '../../core/problem.ts';
import type { User } from '../../core/users/user.ts';
import { settleAppAccounts } from '../effects/app-accounts.ts';
import { noticeNames, openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { inLdap } from '../effects/ldap.ts';
import { readAddressBook } from '../effects/ldap-addresses.ts';
import { aliasesOf, findUser, listUsers, userDn } from '../effects/ldap-users.ts';
import { loginIdOf } from '../effects/login-users.ts';
import type { Layout } from '../store/layout.ts';
import { tellAccounts } from './service-accounts.ts';
import { tellServices } from './user-hooks.ts';

/**
 * Renames a user: their login, second factor, groups and data stay theirs, and email to the old address still reaches
 * them. Run again after an interruption, it continues; services that can't be told now are told later.
 */
export async function renameUser(
  layout: Layout,
  name: string,
  to: string,
): Promise<User & { later: string[]; notes: string[] }> {
  const user = await inLdap(layout, async (client) => {
    await settleAppAccounts(client);
    const all = await listUsers(client);
    const there = all.find((each) => each.name === to);
    // Already done before an interruption: the old address is now one of the new name's.
    if (there && !all.some((each) => each.name === name) && (await wasOnce(client, there, name)))
      return there;
    if (there) throw new Error(`"${to}" is already taken by ${there.givenName} ${there.surname}.`);
    const problem = nameProblem(to, await readAddressBook(client), name);
    if (problem) throw new Error(renderProblem(problem));
    const { email } = await findUser(client, name);
    const [, domain] = email.split('@');
    const mail = `${to}@${domain}`;
    const aliases = new Set([...(await aliasesOf(client, name)), `${name}@${domain}`]);
    aliases.delete(mail);
    const replace = (type: string, values: string[]) =>
      new Change({ operation: 'replace', modification: new Attribute({ type, values }) });
    if (email !== mail)
      await client.modify(userDn(name), [replace('mail', [mail]), replace('havenAlias', [...aliases])]);
    // LDAP updates the groups (slapo-refint(5)).
    await client.modifyDN(userDn(name), `uid=${to}`);
    await settleAppAccounts(client);
    return findUser(client, to);
  });
  const admin = await openKeycloak(runningKeycloak(layout));
  await noticeNames(admin);
  const subject = await loginIdOf(admin, to);
  await admin.users.logout({ id: subject });
  const { left, notes } = await tellServices(layout, {
    hook: 'rename',
    user: { name, subject, email: user.email },
    newName: to,
  });
  const blocked = left.map(({ service, reason }) => `${service} does not have the new name yet: ${reason}`);
  return {
    ...user,
    later: left.map((each) => each.service),
    notes: [...notes, ...blocked, ...(await tellAccounts(layout))],
  };
}

/** Whether the old name's address is now one of this user's. */
async function wasOnce(client: Client, user: User, name: string): Promise<boolean> {
  const domain = user.email.split('@')[1];
  return (await aliasesOf(client, user.name)).includes(`${name}@${domain}`);
}
