import assert from 'node:assert/strict';
import { join } from 'node:path';
import { waitUntil } from '../../../system/wait-until.ts';
import { openBrowser } from '../../support/browser.ts';
import { assertPasses, atRosa, fromRosa } from '../../support/foreign-mail.ts';
import { Member } from '../../support/member.ts';
import { scratch } from '../../support/scratch.ts';
import { WebmailPages } from '../../support/webmail-pages.ts';
import type { Journey } from '../journey.ts';

/** A user reads and writes email in a real browser. */
export const byWebmail: Journey = async (cloud, { step, after }) => {
  const { owner, domain } = cloud;
  const host = `webmail.${domain}`;
  const vera = `vera@${domain}`;
  const pictures = process.env.HAVEN_PICTURES ?? scratch('webmail');
  await Member.add(cloud, ['vera', 'hugo']);
  let isThere = true;
  const removeUser = (name: string) => owner.must(['user', 'remove', name, '--confirm', name]);
  after(() => removeUser('hugo'));
  after(() => isThere && removeUser('vera'));

  // Its name is known to a browser that is opened now.
  const open = async (options = {}) => {
    const browser = await openBrowser([...Object.values(cloud.hosts), host], options);
    after(() => browser.close());
    return new WebmailPages(await browser.newPage(), host);
  };
  const webmail = await open({ viewport: { width: 1280, height: 800 } });
  const picture = (name: string, { page } = webmail) =>
    page.screenshot({ path: join(pictures, `${name}.png`) });
  const inFolder = (subject: string, folder: string) =>
    waitUntil(
      `"${subject}" in ${folder}`,
      async () => (await webmail.subjects(folder)).some((each) => each.includes(subject)),
      { timeoutMs: 60_000, everyMs: 2000 },
    );

  await step('after the one login a user reads what another company sent', async () => {
    await fromRosa(vera, 'From Rosa');
    await webmail.logIn('vera');
    await inFolder('From Rosa', 'INBOX');
    assert.match(await webmail.read('From Rosa'), /Hello/);
    await picture('message');
  });

  await step('the answer arrives there: SPF, DKIM and DMARC pass', async () => {
    await webmail.answer('Hello Rosa');
    const { raw } = await atRosa('Re: From Rosa');
    assertPasses(raw);
    assert.match(raw, new RegExp(`^From: vera Test <${vera}>`, 'm'));
    await inFolder('Re: From Rosa', 'Sent');
  });

  await step('a filter and an answer during a vacation, set in forms, do what they say', async () => {
    await webmail.addFilter('Bills', 'Archive');
    await picture('filter');
    await webmail.setVacation('Away', 'Back on Monday.');
    await picture('vacation');
    await fromRosa(vera, 'Bills of May');
    await inFolder('Bills of May', 'Archive');
    const { raw } = await atRosa('Away');
    assert.match(raw, /Back on Monday\./);
    assert.match(raw, /dmarc=pass/);
  });

  await step('a search finds an email, and contacts are the other users', async () => {
    assert.deepEqual(await webmail.search('From Rosa'), ['From Rosa']);
    const contacts = await webmail.contacts();
    await picture('contacts');
    assert.ok(
      contacts.some((each) => each.includes('hugo')),
      contacts.join(),
    );
    assert.ok(
      !contacts.some((each) => each.includes('Check')),
      'the accounts of login checks are no contacts',
    );
  });

  await step('on a phone it fits, and speaks the language of the browser', async () => {
    const phone = await open({ viewport: { width: 390, height: 844 }, isMobile: true, locale: 'de-DE' });
    await phone.logIn('hugo');
    await picture('phone', phone);
    assert.equal(await phone.page.evaluate(() => document.documentElement.lang), 'de');
    const wider = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    assert.equal(await phone.page.evaluate(wider), 0, 'nothing is beside the screen');
  });

  await step('a session that is over leads to the one login, and back without typing', async () => {
    const inRoundcube = ['docker', 'exec', '-e', 'USER_NAME=vera', 'haven-webmail-roundcube-1'];
    await cloud.onServer([...inRoundcube, 'php', '/etc/haven/user-hook.php', 'log-out'].join(' '));
    assert.ok((await webmail.subjects('INBOX')).includes('From Rosa'));
  });

  await step(
    'logging out ends the one login, too: the next visitor at this browser is asked for a password',
    async () => {
      await webmail.logOut();
      await webmail.open('_task=mail');
      await webmail.page.waitForSelector('#username');
    },
  );

  await step('with the next login an alias is among the senders to choose from', async () => {
    const alias = `captain@${domain}`;
    await owner.must(['alias', 'add', alias, '--to', 'vera']);
    await webmail.logIn('vera');
    assert.deepEqual(await webmail.senders(), [`vera Test <${vera}>`, `vera Test <${alias}>`]);
    await owner.must(['alias', 'remove', alias]);
  });

  await step('a user who is renamed has the same emails and filters', async () => {
    await owner.must(['user', 'rename', 'vera', 'verena']);
    after(() => removeUser('verena'));
    isThere = false;
    await webmail.page.context().clearCookies();
    await webmail.logIn('verena');
    await inFolder('From Rosa', 'INBOX');
    await webmail.open('_task=settings&_action=plugin.managesieve');
    await webmail.page.waitForSelector('#filterslist tr:has-text("Bills")');
  });

  await step('a user who is disabled is out within a minute, in the page that is open, too', async () => {
    await webmail.subjects('INBOX');
    const began = Date.now();
    await owner.must(['user', 'disable', 'verena']);
    await waitUntil(
      'a page without the mailbox',
      async () => {
        await webmail.open('_task=mail');
        return (await webmail.page.locator('#mailboxlist').count()) === 0;
      },
      { timeoutMs: 60_000, everyMs: 1000 },
    );
    assert.ok(Date.now() - began < 60_000);
    await owner.must(['user', 'enable', 'verena']);
  });
};
