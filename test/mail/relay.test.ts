import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { relayAccount } from '../../sandbox/internet/mail-relay/names.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import {
  addAda,
  closeRelayLab,
  deployMail,
  type JudgedEmail,
  judgedEmails,
  openRelayLab,
  relay,
  sendOne,
  server,
  setPort25,
  tryNow,
  waitingEmails,
} from '../support/mail-relay-lab.ts';

/**
 * What a server does whose provider blocks port 25: real Postfix, a relay of another company that asks for a login, and a third
 * company that judges what arrives.
 */
before(() => openRelayLab('layer-mail-relay', 35));
after(closeRelayLab);

const good = { spf: 'pass', dkim: 'pass', dmarc: 'pass' };
const arrival = (subject: string): Promise<JudgedEmail> =>
  waitUntil(`${subject} to arrive`, async () => judgedEmails().find((each) => each.subject === subject), {
    timeoutMs: 120_000,
  });
test('before mail is there, the server says what is open and what the relay says', async () => {
  await setPort25('blocked');
  const look = async (password: string) =>
    (await server.agent(
      ['mail-preflight'],
      JSON.stringify({ relay: { ...relay, port: 587 }, password }),
    )) as {
      outlooks: { family: string; greeting?: string; isUntried?: boolean }[];
      answer: { result: string; said?: string };
    };
  const { outlooks, answer } = await look(relayAccount.password);
  const ipv4 = outlooks.find(({ family }) => family === 'IPv4');
  assert.equal(ipv4?.greeting, undefined);
  assert.equal(ipv4?.isUntried, undefined, 'a blocked port is not a name that is unknown');
  assert.equal(answer.result, 'good', answer.said);
  const wrong = await look('wrong-password');
  assert.equal(wrong.answer.result, 'refused', wrong.answer.said);
  assert.doesNotMatch(wrong.answer.said ?? '', /wrong-password/);
  await setPort25('open');
  const open = (await look(relayAccount.password)).outlooks.find(({ family }) => family === 'IPv4');
  assert.match(open?.greeting ?? '', /^220 mx\.freemail\.test/);
});

test('a relay that refuses the login keeps email waiting, and it says why', async () => {
  await setPort25('blocked');
  await deployMail({ relay }, 'wrong-password');
  await addAda();
  const { way, port25, relay: tried } = await tryNow();
  assert.deepEqual([way, port25, tried?.answer.result], ['relay', 'blocked', 'refused']);
  await sendOne('refused');
  await waitUntil('the reason', async () => /SASL authentication failed/.test(await waitingEmails()), {
    timeoutMs: 60_000,
  });
  assert.deepEqual(judgedEmails(), []);
});

test('with the right password what waited arrives by the relay, and passes all checks', async () => {
  await deployMail({ relay });
  const { way, relay: tried } = await tryNow();
  assert.deepEqual([way, tried?.answer.result], ['relay', 'good']);
  assert.deepEqual(await arrival('refused'), { subject: 'refused', ...good, way: 'relay' });
});

test('the password at the relay is in no file that others can read, and in no log', async () => {
  const found = await onMachine(server.id, [
    'sh',
    '-c',
    `docker exec haven-mail-postfix-1 stat -c '%a %U' /etc/postfix/relay-password;
     docker logs haven-mail-postfix-1 2>&1 | grep -c '${relayAccount.password}' || true;
     journalctl --no-pager | grep -c '${relayAccount.password}' || true;
     grep -rl '${relayAccount.password}' /srv/haven --include=* 2>/dev/null | xargs -r stat -c '%a %n'`,
  ]);
  const [mode, inLog, inJournal, ...files] = found.stdout.trim().split('\n');
  assert.deepEqual([mode, inLog, inJournal], ['600 root', '0', '0']);
  assert.ok(files.length > 0, 'the search finds it where it has to be');
  for (const each of files) assert.match(each, /^400 \/srv\/haven\/secrets\/mail\/mail-relay-password\.\d+/);
});

test('once port 25 is open email goes directly, and by the relay again where it is blocked, without a deploy', async () => {
  await setPort25('open');
  const opened = await tryNow();
  assert.equal(opened.way, 'direct');
  assert.match(opened.notices.at(-1)?.text ?? '', /^Email now goes directly/);
  await sendOne('direct');
  assert.deepEqual(await arrival('direct'), { subject: 'direct', ...good, way: 'direct' });
  await setPort25('blocked');
  const closed = await tryNow();
  assert.equal(closed.way, 'relay');
  await sendOne('relay again');
  assert.deepEqual(await arrival('relay again'), { subject: 'relay again', ...good, way: 'relay' });
});

test('the way that was found outlasts a restart of the program', async () => {
  await setPort25('open');
  assert.equal((await tryNow()).way, 'direct');
  await onMachine(server.id, ['docker', 'restart', 'haven-mail-postfix-1']);
  await waitUntil(
    'Postfix to answer',
    async () => {
      await sendOne('restarted');
      return true;
    },
    { timeoutMs: 120_000, everyMs: 1000 },
  );
  assert.equal((await arrival('restarted')).way, 'direct');
});

test('a relay for some domains takes what these send, and with "direct" nothing goes by it', async () => {
  await deployMail({ sending: 'relay', relay: { ...relay, domains: ['relay-layer.test'] } });
  await sendOne('named');
  assert.equal((await arrival('named')).way, 'relay');
  await deployMail({ sending: 'relay', relay: { ...relay, domains: ['second.example'] } });
  await sendOne('other domain');
  assert.equal((await arrival('other domain')).way, 'direct');
  await deployMail({ sending: 'direct', relay });
  await sendOne('always direct');
  assert.equal((await arrival('always direct')).way, 'direct');
});
