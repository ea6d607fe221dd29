import assert from 'node:assert/strict';
import { linkIn } from '../../../agent/users/invitation.ts';
import type { MailSection } from '../../../core/mail/mail-check.ts';
import { removeDs } from '../../../sandbox/control.ts';
import { foreignMailLog, receivedEmails } from '../../../sandbox/internet/foreign-mail/server.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { judged } from '../../behaviours/judged.ts';
import { askZone, secureZone } from '../../support/cloudflare-zone.ts';
import { assertPasses, atRosa, fromRosa, plainEmail, rosa } from '../../support/foreign-mail.ts';
import { askLogin, loginUser } from '../../support/login-admin.ts';
import { MailVisitor } from '../../support/mail-visitor.ts';
import { Member } from '../../support/member.ts';
import { makeAppPassword, openPortal } from '../../support/portal-pages.ts';
import type { Journey } from '../journey.ts';

/** Mail by a mail program, and what the owner sees of it. */
export const byProgram: Journey = async (cloud, { step, after }) => {
  const { owner, domain } = cloud;
  const host = `mail.${domain}`;
  const mira = `mira@${domain}`;
  await Member.add(cloud, ['mira']);
  after(() => owner.must(['user', 'remove', 'mira', '--confirm', 'mira']));
  const visitor = await MailVisitor.start('mail');
  after(() => visitor.stop());
  let appPassword = '';
  const submit = (message: string) =>
    visitor.smtp({
      ...{ host: cloud.ipv4, port: 465, tls: 'implicit', user: mira, password: appPassword },
      ...{ from: mira, to: [rosa], message },
    });

  /** An email in her INBOX, once it is there. */
  const arrives = (subject: string): Promise<string> =>
    waitUntil(
      `the email "${subject}"`,
      async () => {
        const { messages = [] } = await visitor.imap({ host: cloud.ipv4, user: mira, password: appPassword });
        return messages.find((each) => each.includes(`Subject: ${subject}`));
      },
      { timeoutMs: 60_000 },
    ).catch(async (error: Error) => assert.fail(`${error.message}\n${await foreignMailLog()}`));

  await step('a user sets up a mail program by what the portal says', async () => {
    const browser = await cloud.browser();
    after(() => browser.close());
    const page = await browser.newPage();
    await openPortal(page, cloud, 'mira');
    await page.click('a[href="/mail"]');
    const said = await page.innerText('main');
    for (const each of [mira, host]) assert.ok(said.includes(each), each);
    appPassword = await makeAppPassword(page, cloud, 'Phone');
    const config = await cloud.pageAt(`https://autoconfig.${domain}/mail/config-v1.1.xml`);
    assert.match(config, new RegExp(`<hostname>${host}</hostname>`));
    const { messages, refused } = await visitor.imap({ host: cloud.ipv4, user: mira, password: appPassword });
    assert.deepEqual(messages, [], refused);
  });

  await step('an email of another company arrives, judged', async () => {
    await fromRosa(mira, 'From Rosa');
    const arrived = await arrives('From Rosa');
    assertPasses(arrived);
    judged({ behaviour: '9', judge: 'Python imaplib', said: verdictsIn(arrived) });
  });

  await step('her answer arrives there: SPF, DKIM and DMARC pass', async () => {
    const { data } = await submit(plainEmail({ from: mira, to: rosa, subject: 'From Mira' }));
    assert.equal(data?.code, 250, data?.text);
    const { raw } = await atRosa('From Mira').catch(async (error: Error) =>
      assert.fail(
        `${error.message}\n${await cloud.onServer('docker logs --tail 40 haven-mail-postfix-1 2>&1')}`,
      ),
    );
    assertPasses(raw);
    judged({ behaviour: '10', judge: 'policyd-spf, OpenDKIM, OpenDMARC', said: verdictsIn(raw) });
  });

  await step('the cloud sends its own email by it: an invitation, and one of the login', async () => {
    const invite = ['user', 'invite', 'mira', '--send-to', rosa];
    const { link, sent } = await owner.json<{ link: string; sent: { to: string; why?: string } }>(invite);
    assert.deepEqual(sent, { to: rosa });
    const { raw } = await waitUntil('the invitation', async () =>
      receivedEmails().find((each) => each.raw.includes(`<no-reply@${domain}>`)),
    );
    assertPasses(raw);
    assert.equal(linkIn(raw, cloud.hosts.login), link);
    const { id } = await loginUser(cloud.machine, 'mira');
    await askLogin(cloud.machine, 'PUT', `users/${id}/send-verify-email`);
    await waitUntil('the email of the login', async () => {
      const { messages = [] } = await visitor.imap({ host: cloud.ipv4, user: mira, password: appPassword });
      return messages.some((each) => each.includes(`<no-reply@${domain}>`));
    });
  });

  await step('strangers can not send through it, and nobody in another name', async () => {
    const relayed = await visitor.smtp({ host: cloud.ipv4, port: 25, from: rosa, to: [rosa] });
    assert.equal(relayed.rcpt?.code, 554, relayed.rcpt?.text);
    const forged = await visitor.smtp({
      ...{ host: cloud.ipv4, port: 465, tls: 'implicit', user: mira, password: appPassword },
      ...{ from: `ada@${domain}`, to: [rosa] },
    });
    assert.equal(forged.rcpt?.code, 553, forged.rcpt?.text);
  });

  const wrong = async () => {
    const { stdout } = await owner.haven(['mail', 'check', '--json']);
    return (JSON.parse(stdout) as MailSection[]).flatMap(({ about, checks }) =>
      checks.flatMap(({ what, result, evidence }) =>
        result === 'bad' ? [`${about}: ${what}: ${evidence}`] : [],
      ),
    );
  };
  await step('haven mail check finds one thing to do: the DS record, at the registrar', async () => {
    const found = await wrong();
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0]!, /^dnssec: /);
    after(async () => {
      await removeDs(domain);
      await askZone(domain, 'PATCH', '/dnssec', { status: 'disabled' });
      await askZone(domain, 'DELETE', '/dnssec');
    });
    await secureZone(domain);
    assert.deepEqual(await wrong(), []);
    assert.equal((await owner.plan()).code, 0, 'the registrar changes nothing of the plan');
  });

  await step('from then on other servers deliver only to the key in the DNS', async () => {
    await fromRosa(mira, 'By DANE');
    await arrives('By DANE');
    const verified = new RegExp(`Verified TLS connection established to ${host}`).exec(
      await foreignMailLog(),
    );
    assert.ok(verified, await foreignMailLog());
    judged({ behaviour: '26b', judge: 'Postfix with DANE', said: verified[0] });
  });
};

const verdictsIn = (raw: string): string => (raw.match(/\b(spf|dkim|dmarc)=\w+/g) ?? []).join(' ');
