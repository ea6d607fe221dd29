import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyWaiting } from './why-waiting.ts';

/** What Postfix 3.10 notes of a try, and what that means. */
const meanings: [said: string, means: string][] = [
  [
    'connect to mx.elsewhere.example[203.0.113.7]:25: Connection refused',
    'mx.elsewhere.example does not answer (Connection refused)',
  ],
  [
    'connect to mx.elsewhere.example[2001:db8::7]:25: Connection timed out',
    'mx.elsewhere.example does not answer (Connection timed out)',
  ],
  [
    'delivery temporarily suspended: connect to mx.elsewhere.example[203.0.113.7]:25: No route to host',
    'mx.elsewhere.example does not answer (No route to host)',
  ],
  [
    'connect to 172.30.25.4[172.30.25.4]:24: Connection refused',
    'the mailboxes of this server do not answer (Connection refused)',
  ],
  [
    'host mx.elsewhere.example[203.0.113.7] said: 451 4.7.1 Greylisted, try later (in reply to RCPT TO command)',
    'mx.elsewhere.example answered: 451 4.7.1 Greylisted, try later',
  ],
  [
    'host mx.elsewhere.example[203.0.113.7] said: 452 4.2.2 Full (in reply to end of DATA command)',
    'mx.elsewhere.example answered: 452 4.2.2 Full',
  ],
  [
    'host mx.elsewhere.example[203.0.113.7] refused to talk to me: 421 too many connections',
    'mx.elsewhere.example answered: 421 too many connections',
  ],
  [
    'lost connection with mx.elsewhere.example[203.0.113.7] while receiving the initial server greeting',
    'mx.elsewhere.example ended the conversation, or fell silent (receiving the initial server greeting)',
  ],
  [
    'conversation with mx.elsewhere.example[203.0.113.7] timed out while sending RCPT TO',
    'mx.elsewhere.example ended the conversation, or fell silent (sending RCPT TO)',
  ],
  [
    'Host or domain name not found. Name service error for name=elsewhere.example type=MX: Host not found, try again',
    'the DNS has no answer about elsewhere.example (Host not found, try again)',
  ],
  [
    'Host or domain name not found. Name service error for name=gone.example type=AAAA: Host not found',
    'gone.example does not exist in the DNS',
  ],
  [
    'TLSA lookup error for mx.elsewhere.example:25',
    'the DNS has no answer about the TLS key of mx.elsewhere.example',
  ],
  [
    'Server certificate not trusted',
    'the other server has not the TLS key that its DNS promises, so it may be an impostor',
  ],
  [
    'TLS is required, but was not offered by host mx.elsewhere.example[203.0.113.7]',
    'mx.elsewhere.example offers no encryption, although its DNS promises it',
  ],
  ['held until the change is over', 'a change of the mail service is not over yet'],
];

test('each reason that Postfix notes is told in plain English', () => {
  for (const [said, means] of meanings) assert.equal(whyWaiting(said), means);
});

test('what another server says is its words, whatever they look like', () => {
  assert.equal(
    whyWaiting(
      'host mx.evil.example[203.0.113.9] said: 451 delivery temporarily suspended: connect to bank.example[203.0.113.1]:25: x (in reply to end of DATA command)',
    ),
    'mx.evil.example answered: 451 delivery temporarily suspended: connect to bank.example[203.0.113.1]:25: x',
  );
});

test('a reason that is not known stays as it is', () => {
  assert.equal(whyWaiting('unknown mail transport error'), 'unknown mail transport error');
});
