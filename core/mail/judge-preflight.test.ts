import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineProblems } from '../engine-error.ts';
import type { MailSending } from '../service.ts';
import { judgePreflight } from './judge-preflight.ts';
import type { Outlook } from './preflight.ts';
import type { RelayAnswer } from './relay-answer.ts';

const host = 'mail.example.org';
const relay = { host: 'smtp.relay.example', port: 587, user: 'ada' };
const open: Outlook = {
  family: 'IPv4',
  address: '192.0.2.7',
  greeting: '220 mx.test',
  refused: [],
  names: [host],
  isConfirmed: true,
  lists: [{ list: 'zen.spamhaus.org' }],
};
const { greeting: _, ...silent } = open;
const blocked: Outlook = { ...silent, refused: ['mx.test: no answer within 10 s'] };
const untried: Outlook = { ...blocked, isUntried: true };
const refusal: RelayAnswer = { result: 'refused', said: '535 5.7.8 authentication failed' };

const judge = (sending: MailSending, outlook: Outlook, answer?: RelayAnswer) =>
  judgePreflight({
    host,
    domains: ['example.org'],
    sending,
    outlooks: [outlook],
    ...(answer ? { answer } : {}),
  });

test('a server that can send goes live, and nothing is told', () => {
  assert.deepEqual(judge({ mode: 'auto' }, open), { told: [] });
});

test('with port 25 blocked and no relay it stops, with every way out', () => {
  const { stop = '' } = judge({ mode: 'auto' }, blocked);
  assert.match(stop, /^mail\.example\.org: your provider blocks outgoing port 25.*no answer within 10 s/);
  assert.match(stop, /The records of mail were not published, and mail was not changed\./);
  assert.match(stop, /relay:\n +host: smtp\.example\.net\n +user: YOUR-USER\n +spf: include:/);
  assert.match(stop, /haven secret set mail-relay-password/);
  assert.match(
    stop,
    /Please unblock the outgoing ports 25 and 465 of my server mail\.example\.org \(192\.0\.2\.7\)\./,
  );
  assert.match(stop, /another address/);
  assert.match(stop, /"sending: direct"/);
});

test('with port 25 blocked and a relay that takes the login it goes live, told', () => {
  const { stop, told } = judge({ mode: 'auto', relay }, blocked, { result: 'good' });
  assert.equal(stop, undefined);
  assert.deepEqual(told, [
    'Email goes by the relay smtp.relay.example, because port 25 is blocked. Sending directly is tried daily.',
  ]);
});

test('a relay that is needed and refuses the login stops it; one that is not needed is told', () => {
  for (const [mode, outlook] of [
    ['auto', blocked],
    ['relay', open],
  ] as const) {
    const { stop = '' } = judge({ mode, relay }, outlook, refusal);
    assert.match(stop, /relay smtp\.relay\.example:587, which refuses the login: 535 5\.7\.8/);
    assert.match(stop, /haven secret set mail-relay-password {3}Then run: haven up$/);
  }
  const { stop, told } = judge({ mode: 'auto', relay }, open, refusal);
  assert.equal(stop, undefined);
  assert.match(told.join(), /is not needed now, and refuses the login/);
});

test('an owner may go live without sending, by saying so', () => {
  const { stop, told } = judge({ mode: 'direct' }, blocked);
  assert.equal(stop, undefined);
  assert.match(told.join(), /waits on the server: haven\.yaml says "sending: direct"/);
});

test('what could not be tried stops nothing, and is told', () => {
  const { stop, told } = judge({ mode: 'auto' }, untried);
  assert.equal(stop, undefined);
  assert.match(told.join(), /could not be tried\. Later, run: haven mail check/);
});

test('a name that does not point back and an entry in a list stop nothing, and are told', () => {
  const lists = [{ list: 'zen.spamhaus.org', answer: '127.0.0.2' }];
  const { stop, told } = judge({ mode: 'auto' }, { ...open, names: [], isConfirmed: false, lists });
  assert.equal(stop, undefined);
  assert.match(told.join('\n'), /name of 192\.0\.2\.7: it points back to no name\. .*haven up/);
  assert.match(told.join('\n'), /192\.0\.2\.7 at zen\.spamhaus\.org: listed \(127\.0\.0\.2\)\. Ask/);
});

test('the engine passes on what stops it as it is', () => {
  const texts = [judge({ mode: 'auto' }, blocked).stop, judge({ mode: 'relay', relay }, open, refusal).stop];
  for (const text of texts) {
    assert.ok(text);
    assert.deepEqual(engineProblems([text], [{ name: 'Hetzner', host: 'api.hetzner.cloud', secret: '' }]), [
      { where: 'haven', what: text.endsWith('.') ? text : `${text}.`, remedy: '' },
    ]);
  }
});
