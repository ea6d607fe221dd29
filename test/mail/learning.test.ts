import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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
  submit,
  toMx,
  visitor,
} from '../support/mail-lab.ts';
import { moveScript, onVisitor } from '../support/mail-scripts.ts';

/** What users teach Rspamd by moving emails, as the real programs do it, judged by Rspamd's own count and Python's IMAP client. */
before(() => openMailLab('layer-mail-learning', 60));
after(closeMailLab);

/** How many emails Rspamd has learned of each kind (rspamd.com/doc/developers/protocol.html, /stat). */
async function learned(): Promise<{ spam: number; ham: number }> {
  const ask = `curl -sf -H "Password: $(cat /run/secrets/learn-password)" http://172.30.25.5:11334/stat`;
  const { stdout } = await onServer('docker', 'exec', container('dovecot'), 'bash', '-c', ask);
  const { statfiles } = JSON.parse(stdout) as { statfiles: { symbol: string; revision: number }[] };
  const count = (symbol: string) => statfiles.find((each) => each.symbol === symbol)?.revision ?? 0;
  return { spam: count('BAYES_SPAM'), ham: count('BAYES_HAM') };
}

const inbox = { host: '', user: 'ada', password: passwords.ada };
const move = (subject: string, from: string, to: string) =>
  onVisitor<{ moved: string; seconds: number }>(moveScript, {
    ...inbox,
    host: server.ipv4,
    subject,
    from,
    to,
  });
const inFolder = async (folder: string, subject: string): Promise<boolean> => {
  const { messages = [] } = await visitor.imap({ ...inbox, host: server.ipv4, folder });
  return messages.some((text) => text.includes(`Subject: ${subject}\r\n`));
};

/** Strangers have no name in this lab's DNS, which counts as spam. What Bob sends does not. */
const bob = { from: 'bob@cloud.example' };
const fromBob = (message: string) =>
  submit({ ...bob, user: 'bob', password: passwords.bob, to: ['ada@cloud.example'], message });

/** Fewer than 11 words teach nothing (Rspamd's min_tokens). */
const body = (about: string) =>
  Array.from({ length: 40 }, (_, n) => `${about} number ${n} of many different things to read`).join('\r\n');

async function receive(about: string): Promise<string> {
  const { subject, message } = email({ ...bob, body: body(about) });
  assert.equal((await fromBob(message)).data?.code, 250);
  await arrived('ada', subject);
  return subject;
}
const isLearned = (what: string, is: (now: { spam: number; ham: number }) => boolean) =>
  waitUntil(what, async () => is(await learned()), { timeoutMs: 60_000 });

test('moving an email to Junk teaches that it is spam, moving it out that it is not', async () => {
  const before = await learned();
  const subject = await receive('wonderful prizes');
  assert.equal((await move(subject, 'INBOX', 'Junk')).moved, 'OK');
  await isLearned('one more spam', (now) => now.spam === before.spam + 1 && now.ham === before.ham);
  assert.ok(await inFolder('Junk', subject));
  assert.equal((await move(subject, 'Junk', 'INBOX')).moved, 'OK');
  await isLearned('one more ham', (now) => now.ham === before.ham + 1);
});

test('spam that is deleted from Junk is still spam', async () => {
  const subject = await receive('cheap watches');
  const before = await learned();
  assert.equal((await move(subject, 'INBOX', 'Junk')).moved, 'OK');
  await isLearned('one more spam', (now) => now.spam === before.spam + 1);
  assert.equal((await move(subject, 'Junk', 'Trash')).moved, 'OK');
  // Another lesson that comes later is counted, so this one was never given.
  const next = await receive('sunny holidays');
  assert.equal((await move(next, 'INBOX', 'Junk')).moved, 'OK');
  await isLearned('the next spam', (now) => now.spam === before.spam + 2);
  assert.equal((await learned()).ham, before.ham);
});

test('nobody teaches without the password', async () => {
  const ask = (password: string) =>
    `curl -s -o /dev/null -w '%{http_code}' ${password} --data-binary 'a b c' http://172.30.25.5:11334/learnspam`;
  for (const password of ['', '-H "Password: q1"', '-H "Password: wrong"']) {
    const { stdout } = await onServer('docker', 'exec', container('dovecot'), 'bash', '-c', ask(password));
    assert.match(stdout, /^40[13]$/, password);
  }
});

test('without Rspamd a move succeeds, and does not take long', async () => {
  const subject = await receive('plain words');
  await onServer('docker', 'stop', container('rspamd'));
  try {
    const { moved, seconds } = await move(subject, 'INBOX', 'Junk');
    assert.equal(moved, 'OK');
    assert.ok(seconds < 8, `${seconds} s`);
    assert.ok(await inFolder('Junk', subject));
    assert.equal((await copies('ada', subject)).length, 1);
  } finally {
    await onServer('docker', 'start', container('rspamd'));
  }
});

test('without Valkey a move succeeds, soon; what was learned before counts again after it, and the lesson given meanwhile is lost', async () => {
  await isLearned('Rspamd to answer', () => true);
  const subject = await receive('quiet evenings');
  const before = await learned();
  await onServer('docker', 'stop', container('valkey'));
  try {
    const { moved, seconds } = await move(subject, 'INBOX', 'Junk');
    assert.equal(moved, 'OK');
    assert.ok(seconds < 8, `${seconds} s`);
    assert.ok(await inFolder('Junk', subject));
  } finally {
    await onServer('docker', 'start', container('valkey'));
  }
  await isLearned('what was learned before', (now) => now.spam === before.spam && now.ham === before.ham);
  const next = await receive('long mornings');
  assert.equal((await move(next, 'INBOX', 'Junk')).moved, 'OK');
  await isLearned('the next spam, and no other', (now) => now.spam === before.spam + 1);
});

test('the test text of spam filters is refused, and a score below that leads to Junk, with a mark', async () => {
  await waitUntil('Rspamd', async () => (await toMx({ to: ['ada@cloud.example'] })).rcpt?.code === 250, {
    timeoutMs: 180_000,
  });
  const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X';
  const refused = email({ body: gtube });
  const { data } = await toMx({ to: ['ada@cloud.example'], message: refused.message });
  assert.equal(data?.code, 554, data?.text);
  const marked = email();
  assert.equal((await toMx({ to: ['ada@cloud.example'], message: marked.message })).data?.code, 250);
  const text = await arrived('ada', marked.subject);
  assert.match(text, /^X-Spam: Yes\r$/m);
  assert.match(text, /^X-Spam-Level: \*{6,14}\r$/m);
  assert.ok(await inFolder('Junk', marked.subject));
  assert.equal((await copies('ada', refused.subject)).length, 0);
});

test('a mark that a sender wrote counts for nothing', async () => {
  const { subject, message } = email(bob);
  const forged = `X-Spam: Yes\r\nX-Spam-Flag: YES\r\nX-Rspamd-Score: 99\r\n${message}`;
  assert.equal((await fromBob(forged)).data?.code, 250);
  assert.doesNotMatch(await arrived('ada', subject), /^X-(Spam|Spam-Flag|Rspamd-Score):/im);
  assert.ok(await inFolder('INBOX', subject));
});
