import assert from 'node:assert/strict';
import { linkIn } from '../../../agent/users/invitation.ts';
import { modifyLdap } from '../../support/ldap.ts';
import { askLogin, loginUser } from '../../support/login-admin.ts';
import { logIn } from '../../support/login-pages.ts';
import { MailAccount } from '../../support/mail-account.ts';
import { Member } from '../../support/member.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/**
 * A cloud that sends by an account elsewhere: invitations, and the login's own emails. Since this changes the login, it
 * is also where a change of the login is seen to repair the account that the login has at LDAP.
 */
export default (async (cloud, { step, after }) => {
  const { owner } = cloud;
  const yaml = owner.read();
  const lock = owner.read('haven.lock');
  const secret = 'Right-password-of-the-account-9';
  const from = 'cloud@elsewhere.test';
  await Member.add(cloud, ['sam']);
  after(() => owner.must(['user', 'remove', 'sam', '--confirm', 'sam']));
  const account = await MailAccount.open('elsewhere.test', secret);
  after(() => account.close());
  const browser = await cloud.browser();
  after(() => browser.close());
  const page = await browser.newPage();
  /** Logs in with what is right, and is refused. */
  const isRefused = async (): Promise<boolean> => {
    await browser.clearCookies();
    await page.goto(`https://${cloud.hosts.git}/user/oauth2/haven`);
    await logIn(page, 'ada', password);
    return new URL(page.url()).host === cloud.hosts.login;
  };
  const invite = ['user', 'invite', 'sam', '--send-to', 'sam@elsewhere.test'];
  const sent = () => owner.json<{ link: string; sent: { to: string; why?: string } }>(invite);

  await step('without an account nothing is sent, and nothing else is done either', async () => {
    assert.equal((await owner.problems(invite)).length, 1);
  });

  await step('an account without its password is refused before anything changes', async () => {
    owner.edit(
      'services:\n',
      `sending:\n  host: ${account.host}\n  user: ${from}\n  from: ${from}\nservices:\n`,
    );
    const [missing] = await owner.problems(['plan']);
    assert.match(`${missing!.where} ${missing!.what}`, /sending-password/);
    await owner.must(['secret', 'set', 'sending-password'], { input: secret });
  });

  await step("the login's password at LDAP is wrong, so nobody logs in", async () => {
    const account = 'cn=keycloak,ou=federation,ou=services,dc=haven';
    const change = 'changetype: modify\nreplace: userPassword\nuserPassword: another\n';
    await modifyLdap(cloud.machine, `dn: ${account}\n${change}`);
    // Keycloak keeps its connections to LDAP; new ones need the password.
    await owner.must(['restart', 'ldap']);
    assert.ok(await isRefused());
  });

  await step('with it, an invitation goes out by email, with the link that is also printed', async () => {
    const up = await owner.must(['up', '--yes']);
    assert.ok(!(up.stdout + up.stderr).includes(secret));
    const { link, sent: told } = await sent();
    assert.deepEqual(told, { to: 'sam@elsewhere.test' });
    const [email] = account.emails;
    assert.deepEqual(email?.to, ['sam@elsewhere.test']);
    assert.equal(linkIn(email?.raw ?? '', cloud.hosts.login), link);
    assert.match(email?.raw ?? '', /^Auto-Submitted: auto-generated$/im, 'RFC 3834 §5');
  });

  await step('that change of the login also put its account at LDAP right', async () => {
    assert.ok(!(await isRefused()));
  });

  await step('the emails of the login itself go the same way', async () => {
    const { id } = await loginUser(cloud.machine, 'sam');
    await askLogin(cloud.machine, 'PUT', `users/${id}/send-verify-email`);
    assert.deepEqual(account.emails[1]?.to, [`sam@${cloud.domain}`]);
  });

  await step('users of a table are invited by email', async () => {
    const table = 'name,givenName,surname,sendTo\ngrace,Grace,Hopper,grace@elsewhere.test\n';
    await owner.must(['user', 'add', '--csv', owner.write('more.csv', table), '--yes']);
    assert.deepEqual(account.emails[2]?.to, ['grace@elsewhere.test']);
    await owner.must(['user', 'remove', 'grace', '--confirm', 'grace']);
  });

  await step(
    'an account that refuses, or is away, is red; the link is printed, with the reason',
    async () => {
      account.password = 'another';
      const refused = await sent();
      assert.match(refused.sent.why ?? '', /535/, 'RFC 4954 §6');
      assert.ok(refused.link);
      assert.equal((await cloud.status()).of('sending')[0]?.good, false);
      account.password = secret;
      await account.close();
      assert.ok((await sent()).sent.why);
      await account.listen();
      const well = await cloud.status();
      assert.deepEqual([well.code, well.of('sending')[0]?.good], [0, true]);
    },
  );

  await step('without the account again, the cloud is as before', async () => {
    owner.write('haven.yaml', yaml);
    owner.write('haven.lock', lock);
    await owner.must(['up', '--yes']);
    // The server keeps the password for a rollback, as long as it keeps a release that names it.
    await cloud.onServer('rm -r /srv/haven/secrets/keycloak/sending-password*');
  });
}) satisfies Journey;
