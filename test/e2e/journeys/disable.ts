import assert from 'node:assert/strict';
import { modifyLdap } from '../../support/ldap.ts';
import { askLogin, credentialsOf, loginUser } from '../../support/login-admin.ts';
import { Member } from '../../support/member.ts';
import { makeAppPassword, openPortal } from '../../support/portal-pages.ts';
import { WaysIn } from '../../support/ways-in.ts';
import type { CloudUnderTest } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** The sides on which a user is disabled and enabled. Three users at once, one a side; first what the server sees by a timer. */
const sides: Record<string, (cloud: CloudUnderTest, enabled: boolean) => Promise<unknown>> = {
  maya: ({ machine }, enabled) =>
    modifyLdap(
      machine,
      `dn: uid=maya,ou=users,dc=haven\nchangetype: modify\n${
        enabled
          ? 'delete: pwdAccountLockedTime'
          : 'add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z'
      }\n`,
    ),
  gita: (cloud, enabled) => cloud.owner.must(['user', enabled ? 'enable' : 'disable', 'gita']),
  luis: async ({ machine }, enabled) => {
    const user = await loginUser(machine, 'luis');
    await askLogin(machine, 'PUT', `users/${user.id}`, { ...user, enabled });
  },
};

export default (async (cloud, { step, after }) => {
  const names = Object.keys(sides);
  const all: WaysIn[] = [];
  await Member.add(cloud, names);
  after(() =>
    Promise.all(names.map((name) => cloud.owner.must(['user', 'remove', name, '--confirm', name]))),
  );
  await Promise.all(
    names.map(async (name) => {
      const member = await Member.join(cloud, name);
      after(() => member.forget());
      const browser = await cloud.browser();
      after(() => browser.close());
      const page = await browser.newPage();
      await openPortal(page, cloud, name);
      const appPassword = await makeAppPassword(page, cloud, 'Phone');
      await browser.clearCookies();
      all.push(new WaysIn(cloud, member, page, appPassword));
    }),
  );

  await step('every way in is open to a user', async () => {
    await Promise.all(
      all.map(async (each) => {
        await each.openAll();
        assert.equal((await each.all()).length, 9);
      }),
    );
  });

  await step(
    'disabled by a command, at the login or in LDAP: within a minute every way in ends',
    async () => {
      for (const name of names) await sides[name]!(cloud, false);
      await Promise.all(all.map((each) => each.mustEnd()));
    },
  );

  await step(
    'enabled on the same side: everything is back, but who had a page open logs in again',
    async () => {
      for (const name of names) await sides[name]!(cloud, true);
      await Promise.all(all.map((each) => each.untilBack()));
      for (const name of names) assert.deepEqual(await credentialsOf(cloud.machine, name), ['password']);
    },
  );
}) satisfies Journey;
