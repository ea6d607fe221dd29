import assert from 'node:assert/strict';
import { askCalendar } from '../../support/calendar.ts';
import { credentialsOf, loginUser } from '../../support/login-admin.ts';
import { logIn } from '../../support/login-pages.ts';
import { Member, openGitea } from '../../support/member.ts';
import { makeAppPassword, openPortal } from '../../support/portal-pages.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** A user gets another name, and is removed in the end. */
export default (async (cloud, { step, after }) => {
  const { owner, machine, ada } = cloud;
  const { git, vault } = cloud.hosts;
  await Member.add(cloud, ['rosa'], 'admins');
  const rosa = await Member.join(cloud, 'rosa');
  after(() => rosa.forget());
  const browser = await cloud.browser();
  after(() => browser.close());
  const page = await browser.newPage();
  await openPortal(page, cloud, 'rosa');
  const appPassword = await makeAppPassword(page, cloud, 'Phone');
  await page.goto(`https://${vault}/log-in`);
  await page.waitForURL(`https://${vault}/vault`);
  const { id } = await loginUser(machine, 'rosa');
  const had = await credentialsOf(machine, 'rosa');

  await step('a reserved name is refused', async () => {
    const [problem] = await owner.problems(['user', 'rename', 'rosa', 'root']);
    assert.match(problem!.what, /root/);
  });

  await step('the same account has a new name and address, with its groups and second factor', async () => {
    await owner.must(['user', 'rename', 'rosa', 'countess']);
    const renamed = (await cloud.users()).find(({ name }) => name === 'countess');
    assert.deepEqual([renamed?.email, renamed?.groups], [`countess@${cloud.domain}`, ['admins']]);
    assert.equal((await loginUser(machine, 'countess')).id, id);
    assert.deepEqual(await credentialsOf(machine, 'countess'), had);
  });

  await step('the old name lets nobody in; the new one opens what the user made', async () => {
    await browser.clearCookies();
    await page.goto(`https://${git}/user/oauth2/haven`);
    await logIn(page, 'rosa', password);
    assert.ok(await page.isVisible('#username'));
    await openGitea(page, cloud, 'countess');
    assert.equal((await page.goto(`https://${git}/countess/${rosa.repository}`))?.status(), 200);
    await page.goto(`https://${vault}/log-in`);
    await page.waitForURL(`https://${vault}/vault`);
    await rosa.git.must(['ls-remote', rosa.ssh]);
    assert.equal(
      await askCalendar(cloud, 'countess', appPassword),
      '207',
      'programs go on under the new name',
    );
  });

  await step('disabled under the new name, the user is out everywhere', async () => {
    await owner.must(['user', 'disable', 'countess']);
    assert.notEqual((await rosa.git.git(['ls-remote', rosa.ssh])).code, 0);
    assert.ok(!(await rosa.tokenWorks()));
    assert.equal(await askCalendar(cloud, 'countess', appPassword), '401');
    await page.goto(`https://${git}/user/settings`);
    assert.notEqual(new URL(page.url()).pathname, '/user/settings');
  });

  await step('a user is removed only by name, and what they made goes to the successor', async () => {
    assert.equal((await owner.problems(['user', 'remove', 'countess'])).length, 1);
    assert.ok((await cloud.users()).some((each) => each.name === 'countess'));
    await owner.must(['user', 'remove', 'countess', '--transfer-to', 'ada', '--confirm', 'countess']);
    await ada.ask('GET', `/repos/ada/${rosa.repository}`);
    assert.ok(!(await cloud.users()).some((each) => each.name === 'countess'));
    assert.notEqual((await rosa.git.git(['ls-remote', rosa.ssh])).code, 0);
  });
}) satisfies Journey;
