import assert from 'node:assert/strict';
import { logIn } from '../../support/login-pages.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** The vault opens by the same login, and by nothing else. */
export default (async (cloud, { step, after }) => {
  const { vault } = cloud.hosts;

  await step('a user gets in by the login, as themselves', async () => {
    const browser = await cloud.browser();
    after(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`https://${vault}/log-in`);
    await logIn(page, 'ada', password);
    await page.waitForURL(`https://${vault}/vault`);
    assert.match(await page.innerText('main'), /ada@mycloud\.test/);
  });

  await step('sign-up, the page for administrators and the API are closed to strangers', async () => {
    assert.equal(await cloud.answerTo(`https://${vault}/admin`), '404');
    const user = JSON.stringify({ email: `eve@${cloud.domain}`, name: 'Eve' });
    const form = ['-H', 'content-type: application/json', '-d', user];
    const signUp = `https://${vault}/identity/accounts/register/send-verification-email`;
    assert.equal(await cloud.answerTo(signUp, form), '400');
    assert.equal(await cloud.answerTo(`https://${vault}/api/accounts/profile`), '401');
  });
}) satisfies Journey;
