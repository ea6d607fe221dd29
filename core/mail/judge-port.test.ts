import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgePort, judgeSilentPort, type PortAnswer } from './judge-port.ts';
import { imap, incoming, pop3, submission } from './mail-ports.ts';

const host = 'mail.example.org';
const key = 'ab'.repeat(32);
const good: PortAnswer = {
  greeting: `220 ${host} ESMTP`,
  loginsInTheClear: [],
  loginsOverTls: [],
  certificate: { notAfter: '2027-01-02T00:00:00.000Z', issuer: 'R13', spkiSha256: key, problem: undefined },
  relay: '554 5.7.1 Relay access denied',
};
const facts = { host, publishedKeys: [key, 'cd'.repeat(32)] };

/** What is bad about an answer. */
const faults = (answer: Partial<PortAnswer>, port = incoming): string[] =>
  judgePort(port, 'IPv4', { ...good, ...answer }, facts).flatMap(({ what, result, remedy }) => {
    assert.equal(remedy === undefined, result === 'good', what);
    return result === 'good' ? [] : [what.replace(/^.*: /, '')];
  });

test('a port as it should be has no fault', () => {
  assert.deepEqual(faults({}), []);
  assert.deepEqual(faults({ loginsOverTls: ['PLAIN'], relay: undefined }, submission[1]), []);
  assert.deepEqual(faults({ greeting: '* OK ready', loginsOverTls: ['PLAIN'], relay: undefined }, imap), []);
  assert.deepEqual(faults({ greeting: '+OK ready', loginsOverTls: ['USER'], relay: undefined }, pop3), []);
});

test('the name in a greeting can have hyphens', () => {
  const [named] = judgePort(
    incoming,
    'IPv4',
    { ...good, greeting: '220 mail.my-own.example ESMTP' },
    {
      host: 'mail.my-own.example',
      publishedKeys: [],
    },
  );
  assert.equal(named?.result, 'good', named?.evidence);
});

test('each fault is named', () => {
  assert.deepEqual(faults({ greeting: '554 mail.example.org not now' }), ['answers']);
  assert.deepEqual(faults({ greeting: '220 localhost ESMTP' }), ['answers']);
  assert.deepEqual(faults({ greeting: '-ERR not now', loginsOverTls: ['USER'], relay: undefined }, pop3), [
    'answers',
  ]);
  assert.deepEqual(faults({ certificate: undefined }), ['certificate']);
  const expired = { ...good.certificate!, problem: 'CERT_HAS_EXPIRED' };
  assert.deepEqual(faults({ certificate: expired }), ['certificate']);
  const other = { ...good.certificate!, spkiSha256: 'ef'.repeat(32) };
  assert.deepEqual(faults({ certificate: other }), ['key in the DNS']);
  assert.deepEqual(faults({ loginsOverTls: ['PLAIN'] }), ['no logins']);
  assert.deepEqual(faults({ relay: '250 2.1.5 Ok' }), ['refuses to relay']);
  assert.deepEqual(faults({ relay: '450 4.7.1 try again later' }), ['refuses to relay']);
  const inTheClear = { loginsInTheClear: ['PLAIN'], loginsOverTls: ['PLAIN'] };
  assert.deepEqual(faults(inTheClear, submission[1]), ['no passwords in the clear']);
  assert.deepEqual(faults({}, submission[1]), ['logins over TLS']);
});

test('port 25 alone may be closed by the network of the one who asks', () => {
  assert.equal(judgeSilentPort(incoming, 'IPv4', 'no answer', true).result, 'unknown');
  assert.equal(judgeSilentPort(incoming, 'IPv4', 'no answer', false).result, 'bad');
  assert.equal(judgeSilentPort(imap, 'IPv4', 'no answer', true).result, 'bad');
});
