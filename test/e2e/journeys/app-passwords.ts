import assert from 'node:assert/strict';
import { barriers } from '../../support/accessibility.ts';
import { askCalendar } from '../../support/calendar.ts';
import { Member } from '../../support/member.ts';
import { makeAppPassword, openPortal } from '../../support/portal-pages.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** A program that can't use the login has an app password, which its user creates and revokes. */
export default (async (cloud, { step, after }) => {
  const address = `https://${cloud.hosts.me}/app-passwords`;
  await Member.add(cloud, ['paula']);
  after(() => cloud.owner.must(['user', 'remove', 'paula', '--confirm', 'paula']));
  // axe is put into the page, whose policy allows no script.
  const browser = await cloud.browser({ bypassCSP: true });
  after(() => browser.close());
  const page = await browser.newPage();
  await openPortal(page, cloud, 'paula');
  let phone = '';
  let tablet = '';

  await step('an app password lets a program in, and the real password does not', async () => {
    phone = await makeAppPassword(page, cloud, 'Phone');
    assert.match(phone, /^([a-z2-9]{4}-){5}[a-z2-9]{4}$/);
    tablet = await makeAppPassword(page, cloud, 'Old tablet');
    assert.deepEqual(await barriers(page), []);
    assert.equal(await askCalendar(cloud, 'paula', phone), '207');
    assert.equal(await askCalendar(cloud, 'paula', tablet), '207');
    assert.equal(await askCalendar(cloud, 'paula', password), '401', 'a second factor cannot be bypassed');
  });

  await step('it is shown once; a revoked one is refused, the other still works', async () => {
    await page.goto(address);
    assert.ok(!(await page.content()).includes(tablet));
    await page.click('button[aria-label*="Old tablet"]');
    await page.waitForURL(address);
    assert.equal(await askCalendar(cloud, 'paula', tablet), '401');
    assert.equal(await askCalendar(cloud, 'paula', phone), '207');
  });

  await step('another site cannot make one', async () => {
    const forged = ['-X', 'POST', '-H', 'Origin: https://evil.example', '-d', 'label=x'];
    assert.notEqual(await cloud.answerTo(address, forged), '200');
  });
}) satisfies Journey;
