import { Attribute, Change } from 'ldapts';
import { checkAccounts } from '../../core/users/check-accounts.ts';
import { ldap } from '../../core/users/ldap.ts';
import type { Layout } from '../store/layout.ts';
import { inLdap } from './ldap.ts';
import { addEntry, join, userDn } from './ldap-users.ts';

/** The two accounts of the login checks, with passwords that the agent keeps. */
export async function ensureCheckAccounts(
  layout: Layout,
  passwords: Record<keyof typeof checkAccounts, string>,
): Promise<void> {
  await inLdap(layout, async (client) => {
    for (const role of ['admin', 'user'] as const) {
      const name = checkAccounts[role];
      await addEntry(
        client,
        { name, givenName: 'Check', surname: role, groups: [] },
        `${name}@localhost.invalid`,
      );
      const password = new Attribute({ type: 'userPassword', values: [passwords[role]] });
      await client.modify(userDn(name), new Change({ operation: 'replace', modification: password }));
    }
    await join(client, checkAccounts.admin, ldap.admins);
  });
}
