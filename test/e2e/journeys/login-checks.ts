import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { webRootsFile } from '../../../sandbox/host/paths.ts';
import { modifyLdap } from '../../support/ldap.ts';
import { askLogin, loginUser } from '../../support/login-admin.ts';
import { loadLogins } from '../../support/login-load.ts';
import { logIn } from '../../support/login-pages.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** What the accounts of login checks may do, and what a stranger's wrong passwords do to them and to users. */
export default (async (cloud, { step, after }) => {
  const { login, git } = cloud.hosts;
  const checkAdmin = 'haven-check-admin';

  /** What the login's administration answers to a user who opened its console. */
  const administration = async (name: string): Promise<number> => {
    const browser = await cloud.browser();
    try {
      const page = await browser.newPage();
      await page.goto(`https://${login}/admin/haven/console/`);
      const asked = page.waitForRequest((request) => /^Bearer /.test(request.headers().authorization ?? ''));
      await logIn(page, name, password);
      const { authorization = '' } = (await asked).headers();
      const users = `https://${login}/admin/realms/haven/users`;
      return Number(await cloud.answerTo(users, ['-H', `Authorization: ${authorization}`]));
    } finally {
      await browser.close();
    }
  };

  const load = { loginHost: login, reach: { port: 443, roots: readFileSync(webRootsFile, 'utf8') } };
  /** Sends wrong passwords, all from one address. */
  const guess = (name: string, perSecond: number, seconds: number) =>
    loadLogins(cloud.machine, { ...load, users: [name], password: 'wrong', perSecond, seconds });
  const failures = async (name: string): Promise<number> => {
    const { id } = await loginUser(cloud.machine, name);
    const counted = await askLogin(cloud.machine, 'GET', `attack-detection/brute-force/users/${id}`);
    return (counted as { numFailures: number }).numFailures;
  };

  await step('the administrator of checks is one for services, and not for the login itself', async () => {
    // What a service would have that learnt its password while a check runs; nothing disables it meanwhile. The
    // timer's last run may still be under way; starting its service again waits until that run has ended.
    await cloud.onServer('systemctl stop haven-users.timer; systemctl start haven-users.service');
    after(() => cloud.onServer('systemctl start haven-users.timer haven-users.service'));
    const entry = `dn: uid=${checkAdmin},ou=users,dc=haven\nchangetype: modify\n`;
    await modifyLdap(cloud.machine, `${entry}replace: userPassword\nuserPassword: ${password}\n`);
    await modifyLdap(cloud.machine, `${entry}replace: pwdAccountLockedTime\n`);
    assert.equal(await administration('you'), 200);
    assert.equal(await administration(checkAdmin), 403);
    const browser = await cloud.browser();
    after(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`https://${git}/user/oauth2/haven`);
    await logIn(page, checkAdmin, password);
    await page.waitForURL(`https://${git}/`);
    assert.equal((await page.goto(`https://${git}/-/admin/users`))?.status(), 200);
    await cloud.onServer('systemctl start haven-users.timer haven-users.service');
  });

  await step('wrong passwords for the accounts of checks do not make a check fail', async () => {
    await guess(checkAdmin, 5, 24);
    assert.ok((await failures(checkAdmin)) >= 100);
    const { code, of } = await cloud.status(['--logins']);
    assert.deepEqual([code, of('gitea').every(({ good }) => good)], [0, true]);
    assert.equal(await failures(checkAdmin), 0);
  });

  await step("a stranger's wrong passwords do not keep a user out", async () => {
    const right = { ...load, users: ['ada'], password, perSecond: 0.2, seconds: 45 };
    const [wrong, logins] = await Promise.all([guess('ada', 100 / 60, 45), loadLogins(cloud.machine, right)]);
    assert.deepEqual([wrong.done, logins.failed, logins.done], [0, [], logins.asked]);
  });

  await step('mail settings that a killed invitation left are put right within seconds', async () => {
    const smtpServer = { host: '172.31.255.1', port: '41233', from: `login@${login}` };
    await askLogin(cloud.machine, 'PUT', '', { smtpServer });
    const host = async () =>
      ((await askLogin(cloud.machine, 'GET', '')) as { smtpServer: { host?: string } }).smtpServer.host;
    assert.equal(await host(), smtpServer.host);
    await cloud.onServer('systemctl start haven-users.service');
    assert.equal(await host(), undefined);
  });
}) satisfies Journey;
