import assert from 'node:assert/strict';
import { binds } from '../../support/ldap.ts';
import { credentialsOf } from '../../support/login-admin.ts';
import { acceptInvitation, choosePassword, logIn } from '../../support/login-pages.ts';
import { Member } from '../../support/member.ts';
import {
  enterCode,
  enterRecoveryCode,
  setUpAuthenticator,
  setUpRecoveryCodes,
} from '../../support/second-factor-pages.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** An app for codes, recovery codes, and what is done for a user who lost them. */
export default (async (cloud, { step, after }) => {
  const { owner, machine } = cloud;
  const { git, login } = cloud.hosts;
  const signingIn = `https://${login}/realms/haven/account/account-security/signing-in`;
  await Member.add(cloud, ['cleo']);
  after(() => owner.must(['user', 'remove', 'cleo', '--confirm', 'cleo']));
  const browser = await cloud.browser();
  after(() => browser.close());
  const page = await browser.newPage();
  const toGitea = async (secret: string) => {
    await page.goto(`https://${git}/user/oauth2/haven`);
    await logIn(page, 'cleo', secret);
  };
  const isIn = async () => {
    try {
      await page.waitForURL(`https://${git}/`);
    } catch (error) {
      const shown = (await page.innerText('body')).slice(0, 500);
      throw new Error(`Gitea did not open. ${page.url()} shows: ${shown}`, { cause: error });
    }
  };
  /** Leaves the page first: what it is still asking would bring cookies back. */
  const forget = async () => {
    await page.goto('about:blank');
    await browser.clearCookies();
  };

  await step(
    'a user sets up an app and recovery codes; tokens of the login are signed with ES256',
    async () => {
      await page.goto(signingIn);
      const asked = page.waitForRequest((each) => /^Bearer /.test(each.headers().authorization ?? ''));
      await logIn(page, 'cleo', password);
      const [head = ''] = (await asked).headers().authorization!.slice('Bearer '.length).split('.');
      const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string };
      assert.equal(alg, 'ES256', 'RFC 7518 §3.4');
      await page.click('button:has-text("Set up Authenticator application")');
      const app = await setUpAuthenticator(page);
      await page.waitForURL(/signing-in/);
      await page.click('button:has-text("Set up Recovery authentication codes")');
      const codes = await setUpRecoveryCodes(page);
      await page.waitForURL(/signing-in/);

      await forget();
      await toGitea(password);
      await enterCode(page, String((Number(app.generate()) + 1) % 1_000_000).padStart(6, '0'));
      await page.waitForSelector('text=Invalid authenticator code');
      // One that was used is not taken twice (RFC 6238 §5.2), so the next one.
      await enterCode(page, app.generate({ timestamp: Date.now() + 30_000 }));
      await isIn();

      await forget();
      await toGitea(password);
      await enterRecoveryCode(page, codes[0]!);
      await isIn();
    },
  );

  await step('who lost the phone is logged out everywhere and gets in by the new link alone', async () => {
    const again = await owner.json<{ link: string }>([
      'user',
      'invite',
      'cleo',
      '--lost-second-factor',
      '--yes',
    ]);
    assert.deepEqual(await credentialsOf(machine, 'cleo'), ['password']);
    await page.goto(`https://${git}/user/settings`);
    assert.equal(new URL(page.url()).pathname, '/user/login', 'logged out of Gitea');
    await page.goto(`https://${git}/user/oauth2/haven`);
    assert.ok(await page.isVisible('#username'), 'and at the login');
    await logIn(page, 'cleo', password);
    await page.waitForSelector('text=Invalid username or password');
    await browser.clearCookies();
    await acceptInvitation(page, again.link, 'Another-horse-battery-8');
    await toGitea('Another-horse-battery-8');
    await isIn();
  });

  await step('a password said on the phone is good for one login, and replaces the old one', async () => {
    const { oneTimePassword } = await owner.json<{ oneTimePassword: string }>([
      ...['user', 'set-password', 'cleo', '--yes'],
    ]);
    assert.match(oneTimePassword, /^([a-z2-9]{4}-){3}[a-z2-9]{4}$/);
    await forget();
    await toGitea('Another-horse-battery-8');
    await page.waitForSelector('text=Invalid username or password');
    await logIn(page, 'cleo', oneTimePassword);
    await choosePassword(page, password);
    await isIn();
    assert.ok(await binds(machine, 'cleo', password));
    assert.ok(!(await binds(machine, 'cleo', oneTimePassword)));
  });
}) satisfies Journey;
