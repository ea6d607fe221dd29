import assert from 'node:assert/strict';
import { onMachine } from '../../../sandbox/machine/machine.ts';
import { barriers } from '../../support/accessibility.ts';
import { logIn } from '../../support/login-pages.ts';
import { openPortal } from '../../support/portal-pages.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** The portal: what a user has, on a phone, readable for everybody. And the vault that it leads to. */
export default (async (cloud, { step, after }) => {
  const { git, me, vault, www } = cloud.hosts;
  const phone = await cloud.browser({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    // axe is put into the page, whose policy allows no script.
    bypassCSP: true,
  });
  after(() => phone.close());
  const page = await phone.newPage();

  await step('help is there without a login, in the language of the visitor', async () => {
    await page.goto(`https://${me}/help`);
    assert.equal(new URL(page.url()).pathname, '/help');
    assert.deepEqual(await barriers(page), []);
    const german = await cloud.pageAt(`https://${me}/help`, ['-H', 'Accept-Language: de-AT, en;q=0.5']);
    assert.match(german, /<html lang="de">/);
  });

  await step('a user has a card for each service, within the width of a phone', async () => {
    await page.goto(`https://${me}/`);
    assert.deepEqual(await barriers(page), [], 'the login has no barriers either');
    await logIn(page, 'ada', password);
    await page.waitForURL(`https://${me}/`);
    assert.deepEqual(await barriers(page), []);
    const cards = page.locator('ul.cards').first().locator('a');
    const links = await cards.evaluateAll((all) => all.map((each) => each.getAttribute('href')));
    for (const host of [git, vault, www]) assert.ok(links.includes(`https://${host}/`), host);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${width} pixels wide`);
  });

  await step('the status is for administrators', async () => {
    assert.equal((await page.goto(`https://${me}/status`))?.status(), 403);
    const other = await cloud.browser();
    try {
      const tab = await other.newPage();
      await openPortal(tab, cloud, 'you');
      assert.equal((await tab.goto(`https://${me}/status`))?.status(), 200);
      assert.equal(await tab.locator('td.up').count(), (await cloud.services()).length);
    } finally {
      await other.close();
    }
  });

  await step('a page of it takes less than 100 ms at the median', async () => {
    const cookies = await phone.cookies(`https://${me}/`);
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    for (const path of ['/help', '/', '/app-passwords']) {
      const ask = `curl -s -o /dev/null -w '%{http_code} %{time_total}\\n' -H @- --resolve ${me}:443:127.0.0.1 https://${me}${path}`;
      const loop = `read cookie; for n in $(seq 21); do echo "$cookie" | ${ask}; done`;
      const many = await onMachine(cloud.machine, ['sh', '-c', loop], { input: `Cookie: ${cookie}\n` });
      const answers = many.stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' '));
      assert.ok(
        answers.every(([status]) => status === '200'),
        many.stdout,
      );
      const median = answers.map(([, seconds]) => Number(seconds)).sort((a, b) => a - b)[10]!;
      console.log(`${path}: ${Math.round(median * 1000)} ms at the median`);
      assert.ok(median < 0.1, many.stdout);
    }
  });

  await step('a logout ends here and at the login', async () => {
    await page.goto(`https://${me}/`);
    await page.click('a[href*="sign_out"]');
    await page.click('#kc-logout');
    await page.waitForURL(`https://${me}/logged-out`);
    await page.goto(`https://${me}/`);
    assert.ok(await page.isVisible('#username'));
  });

  await step('the vault opens by the login, too, to the user as themselves', async () => {
    await page.goto(`https://${vault}/log-in`);
    await logIn(page, 'ada', password);
    await page.waitForURL(`https://${vault}/vault`);
    assert.match(await page.innerText('main'), /ada@mycloud\.test/);
  });

  await step('its sign-up, its page for administrators and its API are closed to strangers', async () => {
    assert.equal(await cloud.answerTo(`https://${vault}/admin`), '404');
    const user = JSON.stringify({ email: `eve@${cloud.domain}`, name: 'Eve' });
    const form = ['-H', 'content-type: application/json', '-d', user];
    const signUp = `https://${vault}/identity/accounts/register/send-verification-email`;
    assert.equal(await cloud.answerTo(signUp, form), '400');
    assert.equal(await cloud.answerTo(`https://${vault}/api/accounts/profile`), '401');
  });
}) satisfies Journey;
