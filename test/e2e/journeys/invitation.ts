import assert from 'node:assert/strict';
import { waitUntil } from '../../../system/wait-until.ts';
import { binds } from '../../support/ldap.ts';
import { credentialsOf } from '../../support/login-admin.ts';
import { acceptInvitation, logIn } from '../../support/login-pages.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** A new user on a phone: an invitation, a password, a passkey. */
export default (async (cloud, { step, after }) => {
  const { git, login } = cloud.hosts;
  const account = `https://${login}/realms/haven/account/account-security/signing-in`;
  const phone = await cloud.browser({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  after(() => phone.close());
  const page = await phone.newPage();
  // A phone's own key store, opened by its owner's finger (WebAuthn Level 2).
  const devtools = await phone.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const added = ['user', 'add', 'noor', '--given-name', 'Noor', '--surname', 'Test'];
  const { invitation } = await cloud.owner.json<{ invitation: { link: string } }>(added);
  after(() => cloud.owner.must(['user', 'remove', 'noor', '--confirm', 'noor']));

  await step('a password that is short or often used is refused, with the reason', async () => {
    await page.goto(invitation.link);
    await page.click('a:has-text("Click here to proceed")');
    for (const [bad, why] of [
      ['short', /minimum length 12/],
      ['1q2w3e4r5t6y', /blacklisted/i],
    ] as const) {
      await page.fill('#password-new', bad);
      await page.fill('#password-confirm', bad);
      await page.click('[type=submit]');
      await page.getByText(why).first().waitFor();
    }
  });

  await step('a good one is in LDAP, and the link works once', async () => {
    await acceptInvitation(page, invitation.link, password);
    assert.ok((await page.title()).includes(cloud.domain), 'the login has the name of this cloud');
    assert.ok(await binds(cloud.machine, 'noor', password));
    await page.goto(invitation.link);
    assert.equal(await page.$('#password-new'), null);
  });

  await step('a passkey is set up, and Gitea opens with one tap', async () => {
    await page.goto(account);
    await logIn(page, 'noor', password);
    // On a phone the console has this in a menu.
    await page.locator('button.pf-v5-u-display-none-on-lg').last().click();
    await page.click('[role=menuitem]:has-text("Set up Passkey")');
    page.on('dialog', (dialog) => dialog.accept('phone'));
    await page.waitForSelector('#registerWebAuthn');
    // The button is there before the script that answers to it.
    await waitUntil(
      'the passkey to be taken',
      async () => {
        await page.waitForLoadState();
        if (page.url().includes('/account-security/signing-in')) return true;
        await page.click('#registerWebAuthn', { timeout: 3000 });
        await page.waitForURL(/account-security.signing-in/, { timeout: 5000 });
        return true;
      },
      { timeoutMs: 40_000 },
    );
    assert.ok((await credentialsOf(cloud.machine, 'noor')).includes('webauthn-passwordless'));
    await page.goto(`https://${git}/user/login`);
    await page.click('a[href*="/user/oauth2/"]');
    await page.waitForURL(`https://${git}/`);
  });

  await step('the passkey alone is enough', async () => {
    // Gitea's page asks for news in the background. Without cookies it would be given another session, in which the login
    // that begins meanwhile is not known.
    await page.goto('about:blank');
    await phone.clearCookies();
    await page.goto(`https://${git}/user/oauth2/haven`);
    // The browser may offer it as soon as the login comes up (conditional mediation); else there is a button.
    const isIn = () => page.url() === `https://${git}/`;
    const button = page.locator('#authenticateWebAuthnButton');
    let pressAfter = Date.now() + 4000;
    await waitUntil(
      'the passkey to let her in',
      async () => {
        if (isIn()) return true;
        if (Date.now() < pressAfter || !(await button.isVisible())) return false;
        pressAfter = Date.now() + 6000;
        await page.waitForLoadState();
        // The page may be on its way out at this very moment: then this fails, and is asked again.
        if (await button.isVisible()) await button.click({ timeout: 2000 });
        return isIn();
      },
      { timeoutMs: 30_000, everyMs: 200 },
    ).catch((error: Error) => {
      throw new Error(`${error.message}; the page is ${page.url()}`, { cause: error });
    });
  });

  await step('disabled and enabled again, the user still has the passkey', async () => {
    const had = await credentialsOf(cloud.machine, 'noor');
    await cloud.owner.must(['user', 'disable', 'noor']);
    await cloud.owner.must(['user', 'enable', 'noor']);
    assert.deepEqual(await credentialsOf(cloud.machine, 'noor'), had);
  });
}) satisfies Journey;
