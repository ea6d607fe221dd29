import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { MailLog } from '../../agent/mail/read-mail-log.ts';
import type { WaitingEmail } from '../../core/mail/mail-queue.ts';
import { tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import {
  arrived,
  closeMailLab,
  container,
  copies,
  email,
  onServer,
  openMailLab,
  passwords,
  server,
  stranger,
  submit,
  toMx,
  visitor,
} from '../support/mail-lab.ts';

/** What the agent says of the queue and the log of the real programs; and what mail does while one of them is away. */
before(() => openMailLab('layer-mail-log', 63));
after(closeMailLab);

const ada = 'ada@cloud.example';
const bob = 'bob@cloud.example';
const ask = async <T>(...args: string[]): Promise<T> => (await server.agent(args)) as T;
const queue = () => ask<WaitingEmail[]>('mail-queue', 'mail');
const logOf = async (address: string) => (await ask<MailLog>('mail-log', 'mail', address, '3600')).trails;

const away = async (container: string, meanwhile: () => Promise<void>): Promise<void> => {
  await onServer('docker', 'stop', container);
  try {
    await meanwhile();
  } finally {
    await onServer('docker', 'start', container);
  }
};
const isHealthy = (program: string) =>
  waitUntil(`${program} to be healthy`, async () => {
    const format = '{{.State.Health.Status}}';
    const { stdout } = await onServer('docker', 'inspect', '-f', format, container(program));
    return stdout.trim() === 'healthy';
  });
/** Sent by Bob, since what strangers send counts as spam in this lab. */
const fromBob = (to: string[], message: string) =>
  submit({ from: bob, user: 'bob', password: passwords.bob, to, message });
const isAccepted = async (send: () => ReturnType<typeof toMx>) =>
  waitUntil('email to be accepted again', async () => (await send()).data?.code === 250, {
    timeoutMs: 180_000,
    everyMs: 2000,
  });

test('an email to several users, one that is sent, and those that are refused, by each address', async () => {
  const first = email({ from: bob });
  assert.equal((await fromBob(['countess@second.example', stranger], first.message)).data?.code, 250);
  await arrived('ada', first.subject);
  await waitUntil('it to be sent', async () =>
    (await visitor.received()).some((each) => each.includes(first.subject)),
  );
  const sent = await waitUntil('the log', async () => {
    const [trail] = await logOf(bob);
    return trail?.events.length === 3 ? trail : undefined;
  });
  assert.equal(sent.user, 'bob');
  assert.ok(sent.client?.includes(`[${visitor.ipv4}]`), sent.client);
  const told = sent.events.map(({ what, to, writtenTo, folder, server: other }) => ({
    what,
    to,
    writtenTo,
    folder,
    other,
  }));
  assert.deepEqual(
    told.find(({ what }) => what === 'delivered'),
    { what: 'delivered', to: ada, writtenTo: 'countess@second.example', folder: 'INBOX', other: undefined },
  );
  assert.match(told.find(({ what }) => what === 'sent')?.other ?? '', /^mx\.elsewhere\.example\[/);
  assert.deepEqual(
    (await logOf('countess@second.example')).map(({ events }) => events.map(({ what }) => what)),
    [['accepted', 'delivered']],
  );

  await toMx({ to: ['nobody@cloud.example'] });
  const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X';
  await toMx({ from: 'spammer@elsewhere.example', to: [ada], message: email({ body: gtube }).message });
  await submit({ from: bob, to: [ada] });
  const whyOf = async (address: string) =>
    (await logOf(address)).flatMap(({ events }) =>
      events.flatMap(({ what, why }) => (what === 'refused' ? [why] : [])),
    );
  assert.match((await whyOf('nobody@cloud.example')).join(), /550 5\.1\.1 .*User unknown/);
  assert.match((await whyOf('spammer@elsewhere.example')).join(), /5\.7\.1 Gtube pattern/);
  assert.match((await whyOf(bob)).join(), /553 5\.7\.1 .*not owned by user ada/);
  assert.deepEqual(await logOf('eve@cloud.example'), []);
});

test('while mailboxes are away email waits, with the reason; it is tried by hand, or deleted', async () => {
  const kept = email({ from: bob });
  const unwanted = email({ from: bob });
  await onServer('docker', 'kill', container('dovecot'));
  // A login needs Dovecot, so these come from outside.
  for (const { message } of [kept, unwanted])
    assert.equal((await toMx({ to: [ada], message })).data?.code, 250);
  const waiting = await waitUntil('both to wait', async () => {
    const emails = await queue();
    return emails.length === 2 && emails.every(({ state }) => state === 'waiting') ? emails : undefined;
  });
  for (const { from, to, nextTry, since } of waiting) {
    assert.equal(from, stranger);
    assert.match(to[0]?.why ?? '', /^the mailboxes of this server do not answer \(/);
    assert.ok(Date.parse(nextTry ?? '') > Date.parse(since));
  }
  // For Postfix, this means all of them.
  assert.deepEqual(await ask('mail-queue-delete', 'mail', 'ALL'), []);
  assert.equal((await queue()).length, 2);
  const [first, last] = waiting as [WaitingEmail, WaitingEmail];
  assert.deepEqual(
    (await ask<WaitingEmail[]>('mail-queue-delete', 'mail', last.id)).map(({ id }) => id),
    [last.id],
  );
  assert.deepEqual(await ask('mail-queue-delete', 'mail', last.id), []);
  await onServer('docker', 'start', container('dovecot'));
  await isHealthy('dovecot');
  assert.equal((await ask<WaitingEmail[]>('mail-queue-retry', 'mail')).length, 1);
  await arrived('ada', kept.subject);
  assert.deepEqual(await queue(), []);
  const trails = await logOf(stranger);
  const whatsOf = (id: string) => trails.find((each) => each.id === id)?.events.map(({ what }) => what);
  assert.deepEqual(new Set(whatsOf(first.id)), new Set(['accepted', 'waiting', 'delivered']));
  assert.deepEqual(new Set(whatsOf(last.id)), new Set(['accepted', 'waiting', 'deleted']));
});

test('without Postfix the agent says so', async () => {
  await away(container('postfix'), async () => {
    const { code, stderr } = await tryOnMachine(server.id, ['haven-agent', 'mail-queue', 'mail']);
    assert.equal(code, 1);
    assert.match(stderr, /^postfix is not running, so it can't be asked\. To see why, run: haven status\n/);
  });
  await isAccepted(() => toMx({ to: [ada], message: email().message }));
});

test('without LDAP nothing is accepted and nothing is lost', async () => {
  await away('haven-ldap-slapd-1', async () => {
    const { mail, rcpt } = await toMx({ to: [ada] });
    assert.match(String((rcpt ?? mail)?.code), /^45\d$/, JSON.stringify(rcpt ?? mail));
    assert.match(String((await submit({})).auth?.code), /^(454|535)$/);
  });
  await isAccepted(() => toMx({ to: [ada], message: email().message }));
});

test('what was accepted before LDAP went away waits, and arrives once it is back', async () => {
  const { subject, message } = email();
  await onServer('docker', 'stop', container('dovecot'));
  assert.equal((await toMx({ to: [ada], message })).data?.code, 250);
  await away('haven-ldap-slapd-1', async () => {
    await onServer('docker', 'start', container('dovecot'));
    // It knows no user now, and must not say so. An email that is being tried shows no reason.
    let seen: WaitingEmail[] = [];
    await waitUntil(
      'Dovecot to answer that it can be tried later',
      async () => {
        seen = await queue();
        const isAnswered = seen.some(({ to }) => /answered: 45\d /.test(to[0]?.why ?? ''));
        if (!isAnswered) await ask('mail-queue-retry', 'mail');
        return isAnswered;
      },
      { timeoutMs: 120_000, everyMs: 3000 },
    ).catch((error: Error) => assert.fail(`${error.message}: ${JSON.stringify(seen)}`));
  });
  await isHealthy('dovecot');
  await ask('mail-queue-retry', 'mail');
  await arrived('ada', subject);
  assert.equal((await copies('ada', subject)).length, 1);
});

test('without the resolver others are asked to try later; what users send waits and is signed', async () => {
  const { subject, message } = email({ from: ada, to: stranger });
  const inbound = email();
  await away(container('unbound'), async () => {
    assert.equal((await submit({ to: [stranger], message })).data?.code, 250);
    await waitUntil(
      'it to wait',
      async () =>
        (await queue()).some(({ to }) =>
          /^the DNS has no answer about elsewhere\.example/.test(to[0]?.why ?? ''),
        ),
      { timeoutMs: 120_000 },
    );
    const { rcpt } = await toMx({ to: [ada], message: inbound.message });
    assert.equal(rcpt?.code, 450, rcpt?.text);
  });
  await isHealthy('unbound');
  await ask('mail-queue-retry', 'mail');
  const sent = await waitUntil('it to be sent', async () =>
    (await visitor.received()).find((each) => each.includes(subject)),
  );
  assert.match(sent.toString(), /^DKIM-Signature: /m);
  await isAccepted(() => toMx({ to: [ada], message: inbound.message }));
});

test('without Valkey email is accepted soon, judged by rules, and what users send is signed', async () => {
  await away(container('valkey'), async () => {
    const { subject, message } = email({ from: ada, to: stranger });
    const began = Date.now();
    assert.equal((await submit({ to: [stranger], message })).data?.code, 250);
    assert.ok(Date.now() - began < 20_000, `${Date.now() - began} ms`);
    const sent = await waitUntil('it to be sent', async () =>
      (await visitor.received()).find((each) => each.includes(subject)),
    );
    assert.match(sent.toString(), /^DKIM-Signature: /m);
    const inbound = email();
    assert.equal((await toMx({ to: [ada], message: inbound.message })).data?.code, 250);
    assert.match(await arrived('ada', inbound.subject), /^Authentication-Results: mail\.cloud\.example;/m);
    const forged = email({ from: bob, to: stranger });
    assert.equal((await submit({ to: [stranger], message: forged.message })).data?.code, 554);
  });
});

test('without Rspamd nothing is accepted, from others and from users', async () => {
  await away(container('rspamd'), async () => {
    for (const answers of [
      await toMx({ to: [ada], message: email().message }),
      await submit({ to: [ada], message: email({ from: ada }).message }),
    ]) {
      const { data, rcpt, mail, starttls } = answers;
      assert.match(String((data ?? rcpt ?? mail ?? starttls)?.code), /^45\d$/, JSON.stringify(answers));
    }
  });
  await isAccepted(() => toMx({ to: [ada], message: email().message }));
});
