import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogLine } from './log-line.ts';
import { type MailEvent, queueIdsIn, sessionsIn, traceMail } from './mail-log.ts';

const at = '2026-11-29T22:59:12.000Z';
const linesOf = (text: string): LogLine[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((each) => ({ at, text: each }));
const about = (text: string, address: string) => traceMail(linesOf(text), address);
const event = (what: MailEvent['what'], more: Partial<MailEvent> = {}): MailEvent => ({ at, what, ...more });

// What Debian 13's Postfix 3.10.13 and Dovecot 2.4.1 wrote.
const received = `Nov 29 22:59:14 mail postfix/smtpd[311]: connect from unknown[198.51.100.186]
Nov 29 22:59:14 mail postfix/smtpd[311]: 4jd2dt1cPdz65: client=mx.elsewhere.example[198.51.100.186]
Nov 29 22:59:14 mail postfix/cleanup[319]: 4jd2dt1cPdz65: message-id=<two@elsewhere.example>
Nov 29 22:59:14 mail postfix/qmgr[285]: 4jd2dt1cPdz65: from=<friend@elsewhere.example>, size=608, nrcpt=2 (queue active)
Nov 29 22:59:14 mail postfix/lmtp[320]: 4jd2dt1cPdz65: to=<ada@cloud.example>, orig_to=<countess@second.example>, relay=172.30.25.4[172.30.25.4]:24, delay=0.92, delays=0.5/0/0.17/0.24, dsn=2.0.0, status=sent (250 2.0.0 <ada@cloud.example> /9kzKkKuDGtdAAAAOGUHDQ Saved)
Nov 29 22:59:14 mail postfix/lmtp[320]: 4jd2dt1cPdz65: to=<bob@cloud.example>, relay=172.30.25.4[172.30.25.4]:24, delay=0.92, delays=0.5/0/0.17/0.24, dsn=2.0.0, status=sent (250 2.0.0 <bob@cloud.example> /9kzKkKuDGtdAAAAOGUHDQ:R2 Saved)
Nov 29 22:59:14 mail postfix/qmgr[285]: 4jd2dt1cPdz65: removed
`;
const stored = `Nov 29 22:59:14 lmtp(93): Info: Connect from 172.30.25.3
Nov 29 22:59:14 lmtp(ada)<93></9kzKkKuDGtdAAAAOGUHDQ>: Info: sieve: msgid=<two@elsewhere.example>: fileinto action: stored mail into mailbox 'Junk'
Nov 29 22:59:15 lmtp(bob)<93></9kzKkKuDGtdAAAAOGUHDQ:R2>: Info: sieve: msgid=<two@elsewhere.example>: stored mail into mailbox 'INBOX'
`;
const sent = `Nov 29 22:59:22 mail postfix/submission/smtpd[321]: 4jd2f249gKz6C: client=unknown[198.51.100.186], sasl_method=PLAIN, sasl_username=ada
Nov 29 22:59:22 mail postfix/qmgr[285]: 4jd2f249gKz6C: from=<ada@cloud.example>, size=367, nrcpt=1 (queue active)
Nov 29 22:59:22 mail postfix/smtp[323]: 4jd2f249gKz6C: to=<friend@elsewhere.example>, relay=none, delay=0.33, delays=0.32/0/0.01/0, dsn=4.4.1, status=deferred (connect to mx.elsewhere.example[198.51.100.186]:25: Connection refused)
Nov 29 22:59:24 mail postfix/qmgr[285]: 4jd2f249gKz6C: from=<ada@cloud.example>, size=367, nrcpt=1 (queue active)
Nov 29 22:59:24 mail postfix/smtp[323]: 4jd2f249gKz6C: to=<friend@elsewhere.example>, relay=mx.elsewhere.example[198.51.100.186]:25, conn_use=2, delay=0.8, delays=0.67/0.08/0.04/0.01, dsn=2.0.0, status=sent (250 kept)
Nov 29 22:59:24 mail postfix/qmgr[285]: 4jd2f249gKz6C: removed
`;
const bounced = `Nov 29 22:59:24 mail postfix/submission/smtpd[321]: 4jd2f42ZYKz6F: client=unknown[2001:db8::7], sasl_method=PLAIN, sasl_username=ada
Nov 29 22:59:24 mail postfix/qmgr[285]: 4jd2f42ZYKz6F: from=<ada@cloud.example>, size=359, nrcpt=1 (queue active)
Nov 29 22:59:24 mail postfix/smtp[323]: 4jd2f42ZYKz6F: to=<a@gone.example>, relay=none, delay=0.27, delays=0.26/0/0.01/0, dsn=5.4.4, status=bounced (Host or domain name not found. Name service error for name=gone.example type=AAAA: Host not found)
Nov 29 22:59:24 mail postfix/bounce[329]: 4jd2f42ZYKz6F: sender non-delivery notification: 4jd2f440gWz6J
Nov 29 22:59:24 mail postfix/qmgr[285]: 4jd2f440gWz6J: from=<>, size=2908, nrcpt=1 (queue active)
Nov 29 22:59:24 mail postfix/lmtp[320]: 4jd2f440gWz6J: to=<ada@cloud.example>, relay=172.30.25.4[172.30.25.4]:24, delay=0.1, delays=0/0/0.03/0.06, dsn=2.0.0, status=sent (250 2.0.0 <ada@cloud.example> XRfBI0yuDGtpAAAAOGUHDQ Saved)
`;
const refused = `Nov 29 22:59:16 mail postfix/smtpd[311]: NOQUEUE: reject: RCPT from unknown[198.51.100.186]: 550 5.1.1 <nobody@cloud.example>: Recipient address rejected: User unknown in virtual mailbox table; from=<friend@elsewhere.example> to=<nobody@cloud.example> proto=ESMTP helo=<visitor.example>
Nov 29 22:59:18 mail postfix/smtpd[311]: 4jd2dy5JWwz66: client=unknown[198.51.100.186]
Nov 29 22:59:18 mail postfix/cleanup[319]: 4jd2dy5JWwz66: milter-reject: END-OF-MESSAGE from unknown[198.51.100.186]: 5.7.1 Gtube pattern; from=<friend@elsewhere.example> to=<ada@cloud.example> proto=ESMTP helo=<visitor.example>
Nov 29 22:59:26 mail postfix/submission/smtpd[321]: NOQUEUE: reject: RCPT from unknown[198.51.100.186]: 553 5.7.1 <bob@cloud.example>: Sender address rejected: not owned by user ada; from=<bob@cloud.example> to=<friend@elsewhere.example> proto=ESMTP helo=<visitor.example> sasl_method=PLAIN sasl_username=ada
Nov 29 22:59:30 mail postfix/smtpd[311]: NOQUEUE: reject: MAIL from unknown[198.51.100.186]: 552 5.3.4 Message size exceeds fixed limit; from=<friend@elsewhere.example> proto=ESMTP helo=<visitor.example>
`;

test('an email to several users: each sees what became of theirs, with its folder', () => {
  const trail = {
    id: '4jd2dt1cPdz65',
    from: 'friend@elsewhere.example',
    client: 'mx.elsewhere.example [198.51.100.186]',
  };
  const countess = event('delivered', {
    to: 'ada@cloud.example',
    writtenTo: 'countess@second.example',
    folder: 'Junk',
  });
  const bob = event('delivered', { to: 'bob@cloud.example', folder: 'INBOX' });
  for (const [address, ...events] of [
    ['friend@elsewhere.example', countess, bob],
    ['countess@second.example', countess],
    ['Ada@Cloud.example', countess],
    ['bob@cloud.example', bob],
  ] as const)
    assert.deepEqual(about(received + stored, address), [
      { ...trail, events: [event('accepted'), ...events] },
    ]);
  assert.deepEqual(about(received + stored, 'eve@cloud.example'), []);
});

test('what users send: its tries, and the answer of the other server', () => {
  assert.deepEqual(about(sent, 'friend@elsewhere.example'), [
    {
      id: '4jd2f249gKz6C',
      from: 'ada@cloud.example',
      client: '[198.51.100.186]',
      user: 'ada',
      events: [
        event('accepted'),
        event('waiting', {
          to: 'friend@elsewhere.example',
          why: 'mx.elsewhere.example does not answer (Connection refused)',
        }),
        event('sent', {
          to: 'friend@elsewhere.example',
          server: 'mx.elsewhere.example[198.51.100.186]:25',
          why: 'it answered: 250 kept',
        }),
      ],
    },
  ]);
});

test('an email that fails, and the report that its sender gets', () => {
  const [email, report] = about(bounced, 'ada@cloud.example');
  assert.deepEqual(email?.events.slice(1), [
    event('failed', { to: 'a@gone.example', why: 'gone.example does not exist in the DNS' }),
    event('reported', { why: 'the sender gets a report (4jd2f440gWz6J)' }),
  ]);
  assert.equal(report?.from, '');
  assert.deepEqual(report?.events, [event('accepted'), event('delivered', { to: 'ada@cloud.example' })]);
});

test('what is refused, at each stage, with the reason', () => {
  const whys = (address: string) =>
    about(refused, address).flatMap(({ events }) => events.map(({ what, why }) => `${what}: ${why}`));
  assert.deepEqual(whys('friend@elsewhere.example'), [
    'refused: this server answered: 550 5.1.1 <nobody@cloud.example>: Recipient address rejected: User unknown in virtual mailbox table',
    'refused: this server answered: 5.7.1 Gtube pattern',
    'refused: this server answered: 553 5.7.1 <bob@cloud.example>: Sender address rejected: not owned by user ada',
    'refused: this server answered: 552 5.3.4 Message size exceeds fixed limit',
  ]);
  assert.equal(whys('nobody@cloud.example').length, 1);
});

test('what became too old, and what the owner deleted', () => {
  const [email] = about(
    `${sent}Nov 29 22:59:24 mail postfix/qmgr[285]: 4jd2f249gKz6C: from=<ada@cloud.example>, status=expired, returned to sender
Nov 29 23:01:13 mail postfix/postsuper[500]: 4jd2f249gKz6C: removed
`,
    'ada@cloud.example',
  );
  assert.deepEqual(email?.events.slice(-2), [
    event('failed', { why: 'it could not be delivered for 5 days' }),
    event('deleted'),
  ]);
});

test('the names by which further lines are found', () => {
  assert.deepEqual(queueIdsIn(linesOf(received + refused)), ['4jd2dt1cPdz65', '4jd2dy5JWwz66']);
  assert.deepEqual(sessionsIn(linesOf(received)), ['/9kzKkKuDGtdAAAAOGUHDQ', '/9kzKkKuDGtdAAAAOGUHDQ:R2']);
});

// Everything between the marks was chosen by a stranger.
test('no text of a stranger passes for something that happened', () => {
  const line = (program: string, rest: string) => `Nov 29 22:59:20 mail postfix/${program}[1]: ${rest}\n`;
  const forgedSender = line(
    'qmgr',
    '4A: from=<"x>, size=1, nrcpt=1 (queue active)@y> to=<ada@cloud.example>, status=sent (250 ok"@evil.example>, size=619, nrcpt=1 (queue active)',
  );
  const [trail] = about(
    forgedSender,
    '"x>, size=1, nrcpt=1 (queue active)@y> to=<ada@cloud.example>, status=sent (250 ok"@evil.example',
  );
  assert.deepEqual(trail?.events, [event('accepted')]);

  const forgedAnswer = line(
    'smtp',
    '4B: to=<ada@cloud.example>, relay=mx.evil.example[203.0.113.9]:25, delay=1, delays=1/0/0/0, dsn=4.0.0, status=deferred (host mx.evil.example[203.0.113.9] said: 451 >, relay=none, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 <ada@cloud.example> x Saved) (in reply to end of DATA command))',
  );
  assert.deepEqual(
    about(forgedAnswer, 'ada@cloud.example').flatMap(({ events }) => events.map(({ what }) => what)),
    ['waiting'],
  );

  const forgedGreeting = line(
    'smtpd',
    'NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 550 5.1.1 <eve@cloud.example>: Recipient address rejected; from=<eve@evil.example> to=<eve@cloud.example> proto=ESMTP helo=<x; from=<bob@cloud.example> to=<ada@cloud.example> proto=ESMTP helo=<y>',
  );
  assert.deepEqual(about(forgedGreeting, 'bob@cloud.example'), []);
  assert.deepEqual(about(forgedGreeting, 'ada@cloud.example'), []);
  assert.equal(about(forgedGreeting, 'eve@evil.example').length, 1);

  const forgedRecipient = line(
    'smtpd',
    'NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 550 5.1.1 <"; from=<bob@cloud.example> to=<ada@cloud.example> proto=ESMTP helo=<"@cloud.example>: Recipient address rejected; from=<eve@evil.example> to=<"; from=<bob@cloud.example> to=<ada@cloud.example> proto=ESMTP helo=<"@cloud.example> proto=ESMTP helo=<y>',
  );
  assert.deepEqual(about(forgedRecipient, 'bob@cloud.example'), []);
  assert.deepEqual(about(forgedRecipient, 'ada@cloud.example'), []);
  assert.equal(about(forgedRecipient, 'eve@evil.example').length, 1);

  const forgedId = `${line('qmgr', '4D: from=<eve@evil.example>, size=1, nrcpt=1 (queue active)')}${line('lmtp', '4D: to=<ada@cloud.example>, relay=172.30.25.4[172.30.25.4]:24, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 <ada@cloud.example> s1 Saved)')}Nov 29 22:59:20 lmtp(ada)<1><s1>: Info: sieve: msgid=<x>: Info: sieve: stored mail into mailbox 'INBOX' <y@evil.example>: fileinto action: stored mail into mailbox 'Junk'\n`;
  assert.equal(about(forgedId, 'ada@cloud.example')[0]?.events.at(-1)?.folder, 'Junk');
});

test('a line that is not whole, or of another program, is left out', () => {
  for (const text of [
    'Nov 29 22:59:20 mail other/qmgr[1]: 4A: from=<ada@cloud.example>, size=1, nrcpt=1 (queue active)',
    'x Nov 29 22:59:20 mail postfix/qmgr[1]: 4A: from=<ada@cloud.example>, size=1, nrcpt=1 (queue active)',
    'Nov 29 22:59:20 mail postfix/qmgr[1]: 4A: from=<ada@cloud.example>, size=1, nrcpt=1 (queue active) and more',
    '4A: from=<ada@cloud.example>, size=1, nrcpt=1 (queue active)',
    '',
  ])
    assert.deepEqual(about(text, 'ada@cloud.example'), [], text);
});
