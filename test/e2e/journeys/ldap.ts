import assert from 'node:assert/strict';
import { onMachine, tryOnMachine } from '../../../sandbox/machine/machine.ts';
import { openBrowser } from '../../support/browser.ts';
import { binds, modifyLdap } from '../../support/ldap.ts';
import { askLogin, credentialsOf, loginUser } from '../../support/login-admin.ts';
import { choosePassword, logIn } from '../../support/login-pages.ts';
import { Member, openGitea } from '../../support/member.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** LDAP in trouble: stopped, or as it was yesterday. Nobody may lose anything by it. */
export default (async (cloud, { step, after }) => {
  const { owner, machine } = cloud;
  const { git, login } = cloud.hosts;
  const { id } = await loginUser(machine, 'ada');
  const had = await credentialsOf(machine, 'ada');
  const browser = await cloud.browser();
  after(() => browser.close());
  const page = await browser.newPage();

  /** Logs in with what is right, and is refused. */
  const isRefused = async (): Promise<boolean> => {
    await browser.clearCookies();
    await page.goto(`https://${git}/user/oauth2/haven`);
    await logIn(page, 'ada', password);
    return new URL(page.url()).host === login;
  };

  await step(
    'an account of a device has its own password, sees no user, and is nobody at the login',
    async () => {
      const secret = 'the-printer-in-the-hall-3';
      const dn = 'uid=printer,ou=devices,dc=haven';
      const entry = ['objectClass: havenDevice', 'uid: printer', 'havenPurpose: sends what it scans'];
      await modifyLdap(machine, `dn: ${dn}\nchangetype: add\n${entry.join('\n')}\nuserPassword: ${secret}\n`);
      assert.ok(await binds(machine, 'printer', secret, 'devices'));
      assert.ok(!(await binds(machine, 'printer', 'something else', 'devices')));
      const tool = [
        'docker',
        'exec',
        '-i',
        '-e',
        'LDAPTLS_REQCERT=never',
        'haven-ldap-slapd-1',
        'ldapsearch',
      ];
      const asRoot = ['-LLL', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///', '-b', dn, 'userPassword'];
      const kept = (await onMachine(machine, [...tool, ...asRoot])).stdout;
      const hash = /userPassword:: (\S+)/.exec(kept.replaceAll('\n ', ''))?.[1] ?? '';
      assert.match(Buffer.from(hash, 'base64').toString(), /^\{ARGON2\}\$argon2id\$/);
      const asPrinter = ['-LLL', '-x', '-H', 'ldaps://127.0.0.1:636', '-D', dn, '-y', '/dev/stdin'];
      const looked = [...tool, ...asPrinter, '-b', 'dc=haven', '(objectClass=*)', 'dn'];
      const seen = await tryOnMachine(machine, looked, { input: secret });
      assert.ok(!seen.stdout.includes('ou=users'), seen.stdout);
      assert.ok(!(await cloud.users()).some((each) => each.name === 'printer'));
      await assert.rejects(loginUser(machine, 'printer'));
      await modifyLdap(machine, `dn: ${dn}\nchangetype: delete\n`);
    },
  );

  await step(
    'while LDAP is stopped nobody logs in with a password, and the owner is let into the login',
    async () => {
      await owner.must(['stop', 'ldap', '--yes']);
      assert.ok(await isRefused());
      // What compares both sides by a timer has nothing to compare, and does not fail over it.
      await cloud.onServer('systemctl start haven-users.service');
      const given = await owner.json<{ oneTimePassword: string; address: string; name: string }>([
        'user',
        'rescue',
      ]);
      const rescuer = await openBrowser([login]);
      try {
        const console_ = await rescuer.newPage();
        await console_.goto(given.address);
        await logIn(console_, given.name, given.oneTimePassword);
        await choosePassword(console_, password);
        await console_.waitForSelector('text=Realm settings');
      } finally {
        await rescuer.close();
      }
      await owner.must(['start', 'ldap']);
      // The rescue account expires after an hour; the fingerprint does not wait for that.
      const { id: rescue } = await loginUser(machine, given.name);
      await askLogin(machine, 'DELETE', `users/${rescue}`);
    },
  );

  await step('a user is the same account afterwards, with the same second factor', async () => {
    assert.equal((await loginUser(machine, 'ada')).id, id);
    assert.deepEqual(await credentialsOf(machine, 'ada'), had);
  });

  await step('with LDAP as it was yesterday, nobody is removed and nobody loses anything', async () => {
    const files = '/srv/haven/services/ldap/data/entries';
    const clear = `find ${files} -mindepth 1 -delete`;
    const swap = async (script: string) => {
      await owner.must(['stop', 'ldap', '--yes']);
      await cloud.onServer(script);
      await owner.must(['start', 'ldap']);
    };
    // As a backup has it: of one moment, while LDAP runs.
    await cloud.onServer(`btrfs -q subvolume snapshot -r ${files} /srv/haven/yesterday`);
    await Member.add(cloud, ['otto'], 'board');
    const { id: otto } = await loginUser(machine, 'otto');
    await swap(`cp -a ${files} /srv/haven/today; ${clear}; cp -a /srv/haven/yesterday/. ${files}/`);
    assert.ok(!(await cloud.users()).some((each) => each.name === 'otto'), 'it is yesterday there');
    // What carries changes over from one side to the other runs by a timer, too; a start waits for its end.
    for (const _ of [1, 2]) await cloud.onServer('systemctl start haven-users.service');
    await browser.clearCookies();
    await openGitea(page, cloud, 'ada');
    assert.equal((await loginUser(machine, 'ada')).id, id);
    assert.deepEqual(await credentialsOf(machine, 'ada'), had);

    await swap(
      `${clear}; cp -a /srv/haven/today/. ${files}/; rm -rf /srv/haven/today; btrfs -q subvolume delete /srv/haven/yesterday`,
    );
    assert.equal((await loginUser(machine, 'otto')).id, otto, 'whom it did not know is who they were');
    assert.deepEqual((await cloud.users()).find(({ name }) => name === 'otto')?.groups, ['board']);
    await owner.must(['user', 'remove', 'otto', '--confirm', 'otto']);
  });
}) satisfies Journey;
