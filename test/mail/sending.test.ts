import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitUntil } from '../../system/wait-until.ts';
import { judged } from '../behaviours/judged.ts';
import { MailJudges } from '../support/mail-judges.ts';
import {
  arrived,
  closeMailLab,
  email,
  labOptions,
  openMailLab,
  passwords,
  server,
  stranger,
  submit,
  visitor,
} from '../support/mail-lab.ts';

/** What users may send, judged by Python's client and by what arrives at another server. A bucket of 12 that gets back one in 2 s. */
before(() => {
  Object.assign(labOptions, { recipientsAtOnce: 12, recipientsPerHour: 1800 });
  return openMailLab('layer-mail-sending', 62);
});
after(closeMailLab);

const ada = 'ada@cloud.example';

/** Sends an email whose From line is this text, with Ada's login. */
async function sendWith(fromLine: string, { from = ada, more = '' } = {}) {
  const { subject, message } = email({ to: 'bob@cloud.example' });
  const written = message.replace(/^From: .*\r\n/, `${fromLine}${more}`);
  const { data, rcpt } = await submit({ from, to: ['bob@cloud.example'], message: written });
  return { subject, answer: data ?? rcpt };
}

test('a user writes with the address of the envelope, however the From line is written', async () => {
  for (const [line, from] of [
    ['From: ada@cloud.example\r\n', ada],
    ['From: "Lovelace, Ada" <ADA@cloud.example>\r\n', ada],
    ['From: "ada@cloud.example" <ada@cloud.example>\r\n', ada],
    ['From:\r\n =?UTF-8?Q?Ad=C3=A4?=\r\n <ada+news@cloud.example>\r\n', ada],
    ['From: Ada <countess@second.example>\r\n', 'countess@second.example'],
    // A read receipt, and the user's own name in a mail domain.
    ['From: <ada@second.example>\r\n', '<>'],
  ] as const) {
    const { subject, answer } = await sendWith(line, { from });
    assert.equal(answer?.code, 250, `${line} ${answer?.text}`);
    await arrived('bob', subject);
    // Each takes one from the bucket.
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
});

test('what a user sends is not sorted into Junk, though a Reply-To elsewhere looks like a fraud', async () => {
  const more = 'Reply-To: ada@elsewhere.example\r\n';
  const { subject, answer } = await sendWith('From: ada@cloud.example\r\n', { more });
  assert.equal(answer?.code, 250, answer?.text);
  assert.doesNotMatch(await arrived('bob', subject), /^X-Spam: Yes/m);
});

test('a From line of someone else is refused with a sentence, also one that programs read differently', async () => {
  let said = '';
  for (const line of [
    'From: bob@cloud.example\r\n',
    'From: Ada <bob@cloud.example>\r\n',
    'From: ceo@bank.example\r\n',
    'From: ada@cloud.example, bob@cloud.example\r\n',
    'From: bob@cloud.example, ada@cloud.example\r\n',
    'From: ada@cloud.example <bob@cloud.example>\r\n',
    'From: <bob@cloud.example> <ada@cloud.example>\r\n',
    'From: "ada@cloud.example <bob@cloud.example>\r\n',
    'From: ada@cloud.example (<bob@cloud.example>)\r\n',
    'From: friends: bob@cloud.example;\r\n',
    'From: ada@cloud.example\r\nFrom: bob@cloud.example\r\n',
    'From: bob@cloud.example\r\nFrom: ada@cloud.example\r\n',
    'From: ada@cloud.example\r\nFrom : bob@cloud.example\r\n',
    'From: ada@cloud.example\r\nfROM: bob@cloud.example\r\n',
    'From: countess@second.example\r\n',
    'From: \r\n',
    '',
  ]) {
    const { answer } = await sendWith(line);
    assert.equal(answer?.code, 554, `${JSON.stringify(line)} ${answer?.text}`);
    assert.match(answer.text, /^5\.7\.1 The From line must be the address with which the email is sent\./);
    said = `${answer.code} ${answer.text}`;
  }
  const { answer } = await sendWith('From: <bob@cloud.example>\r\n', { from: '<>' });
  assert.equal(answer?.code, 554);
  judged({ behaviour: '7b', judge: 'Python smtplib', said });
});

test('nobody learns from which address and with which program a user works', async () => {
  for (const to of [[stranger], [stranger, 'other@elsewhere.example']]) {
    const { subject, message } = email({ from: ada, to: stranger });
    const written = `User-Agent: Secret/1.0\r\nX-Mailer: Secret\r\nX-Originating-IP: [${visitor.ipv4}]\r\n${message}`;
    assert.equal((await submit({ to, message: written })).data?.code, 250);
    const sent = await waitUntil('the email at the other server', async () =>
      (await visitor.received()).find((each) => each.includes(subject)),
    );
    const text = sent.toString();
    assert.match(text, /^Received: by mail\.cloud\.example \(Postfix\) with ESMTPSA id \w+; /m);
    for (const secret of [visitor.ipv4, 'visitor.example', 'Secret']) assert.ok(!text.includes(secret), text);
  }
});

test('a user who writes to too many is told to wait, others are not, and later it works again', async () => {
  const send = (user: 'ada' | 'bob', to: string[]) => {
    const from = `${user}@cloud.example`;
    const { message } = email({ from, to: to[0]! });
    return submit({ user, password: passwords[user], from, to, message });
  };
  const strangers = (count: number) => Array.from({ length: count }, (_, n) => `f${n}@elsewhere.example`);
  assert.equal((await send('bob', strangers(10))).data?.code, 250);
  // A recipient of this name does not lift the limit.
  const refused = await send('bob', [...strangers(9), 'postmaster@elsewhere.example']);
  // Rspamd has no other code for "later" (RSPAMD_MILTER_RCODE_TEMPFAIL in its milter.c).
  assert.equal(refused.data?.code, 451, refused.data?.text);
  assert.match(
    refused.data?.text ?? '',
    /^4\.7\.1 You have written to too many recipients .* Try again in an hour\./,
  );
  const other = await send('ada', strangers(2));
  assert.equal(other.data?.code, 250);
  await waitUntil(
    'Bob to be able to write again',
    async () => (await send('bob', strangers(6))).data?.code === 250,
    {
      timeoutMs: 60_000,
      everyMs: 3000,
    },
  );
  const [slowed, same] = [refused, other].map(({ data }) => `${data?.code} ${data?.text}`);
  judged({ behaviour: '17', judge: 'Python smtplib', said: `${slowed}; another user: ${same}` });
});

test('a filter can not send emails to anyone in any name', async () => {
  const judges = new MailJudges(visitor);
  await judges.put('/tmp/password', passwords.ada);
  const upload = async (filter: string) => {
    await judges.put('/tmp/filter.sieve', filter);
    const words = `--server ${server.ipv4} --port 4190 --user ada --passwordfd 3 --nosslverify`;
    const command = `sieve-connect ${words} --upload --localsieve /tmp/filter.sieve --remotesieve filter 3< /tmp/password`;
    return judges.run('sh', '-c', command);
  };
  const notify = `notify :from "bob@cloud.example" :message "Pay" "mailto:${stranger}";\n`;
  for (const extension of ['enotify', 'notify']) {
    const { text } = await upload(`require "${extension}";\n${notify}`);
    assert.match(text, new RegExp(`unknown Sieve capability .${extension}`), text);
  }
  const { code, text } = await upload('keep;\n');
  assert.equal(code, 0, text);
});

test('one email has no more recipients than that', async () => {
  const to = Array.from({ length: 13 }, (_, n) => `f${n}@elsewhere.example`);
  const { rcpt } = await submit({ to });
  assert.equal(rcpt?.code, 452, rcpt?.text);
});
