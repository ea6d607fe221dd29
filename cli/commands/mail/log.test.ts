import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailLog } from '../../../agent/mail/read-mail-log.ts';
import { testServices } from '../../../test/support/owner.ts';
import { fails, openCloud, succeeds, type } from '../../../test/support/typist.ts';

const at = '2026-11-29T12:00:00.000Z';
const log: MailLog = {
  trails: [
    {
      id: '4fJ2bX1Qz3z9sQ',
      from: 'friend@elsewhere.example',
      client: 'mx.elsewhere.example [203.0.113.7]',
      events: [
        { at, what: 'accepted' },
        { at, what: 'delivered', to: 'ada@example.org', writtenTo: 'countess@example.org', folder: 'Junk' },
      ],
    },
    {
      id: '4fJ2bX1Qz3z9sR',
      from: 'ada@example.org',
      client: '[203.0.113.8]',
      user: 'ada',
      events: [
        { at, what: 'accepted' },
        { at, what: 'waiting', to: 'b@elsewhere.example', why: 'mx.elsewhere.example does not answer (x)' },
        { at, what: 'waiting', to: 'b@elsewhere.example', why: 'mx.elsewhere.example does not answer (x)' },
        {
          at,
          what: 'sent',
          to: 'c@elsewhere.example',
          server: 'mx[203.0.113.7]:25',
          why: 'it answered: 250 ok',
        },
        { at, what: 'failed', to: 'd@elsewhere.example', why: 'mx answered: 550 no' },
        { at, what: 'reported', why: 'the sender gets a report (4fJ2bX1Qz3z9sS)' },
        { at, what: 'deleted' },
      ],
    },
    {
      from: 'x@elsewhere.example',
      client: '[203.0.113.9]',
      events: [
        { at, what: 'refused', to: 'ada@example.org', why: 'this server answered: 550 5.1.1 User unknown' },
      ],
    },
  ],
  left: 3,
};

async function openMail(answer: MailLog) {
  const cloud = await openCloud({ services: ['postbox'], agent: { 'mail-log': () => answer } });
  process.env.HAVEN_SERVICES = testServices;
  return cloud;
}

test('shows each email with its way, and says how many older ones there are', async () => {
  const cloud = await openMail(log);
  const { screen, json } = await succeeds<{ emails: MailLog['trails']; left: number }>('mail log', [
    'ada@example.org',
  ]);
  for (const line of [
    '  From friend@elsewhere.example, from mx.elsewhere.example [203.0.113.7]  (4fJ2bX1Qz3z9sQ)',
    '      2026-11-29 13:00 CET  accepted',
    '      2026-11-29 13:00 CET  delivered to ada@example.org (written to countess@example.org), folder Junk',
    '  From ada@example.org, sent by ada, from [203.0.113.8]  (4fJ2bX1Qz3z9sR)',
    '      2026-11-29 13:00 CET  waits, for b@elsewhere.example: mx.elsewhere.example does not answer (x) (2 times)',
    '      2026-11-29 13:00 CET  sent to c@elsewhere.example by mx[203.0.113.7]:25: it answered: 250 ok',
    '      2026-11-29 13:00 CET  could not be delivered to d@elsewhere.example: mx answered: 550 no',
    '      2026-11-29 13:00 CET  the sender gets a report (4fJ2bX1Qz3z9sS)',
    '      2026-11-29 13:00 CET  deleted from the queue by an owner of this cloud',
    '  From x@elsewhere.example, from [203.0.113.9]',
    '      2026-11-29 13:00 CET  refused, to ada@example.org: this server answered: 550 5.1.1 User unknown',
    '  3 older are not shown. To see fewer days, add: --since 1d',
  ])
    assert.ok(screen.stdout.includes(`${line}\n`), `${line}\n${screen.stdout}`);
  assert.deepEqual(json, { emails: log.trails, left: 3 });
  assert.deepEqual(cloud.agent.asked.at(-1)?.args, ['postbox', 'ada@example.org', '604800']);
});

test('looks back as far as it is told', async () => {
  const cloud = await openMail({ trails: [], left: 0 });
  for (const [since, seconds] of [
    ['30m', '1800'],
    ['2h', '7200'],
    ['30d', '2592000'],
  ] as const) {
    const { stdout } = await type(['mail', 'log', '<ada@example.org>', '--since', since]);
    assert.match(stdout, new RegExp(`no email from or to ada@example\\.org in the last ${since}\\.`));
    assert.deepEqual(cloud.agent.asked.at(-1)?.args, ['postbox', 'ada@example.org', seconds]);
  }
});

test('what is not an address or a time, and a cloud without mail, are refused', async () => {
  await openMail(log);
  await fails(['mail', 'log', 'ada'], 'usage', /ada: is not a valid email address\. Example: haven mail log/);
  await fails(
    ['mail', 'log', 'ada@example.org', '--since', 'yesterday'],
    'usage',
    /--since: "yesterday" is not a number of minutes, hours or days\./,
  );
  await openCloud();
  await fails(['mail', 'log', 'ada@example.org'], 'failed', /haven\.yaml: has no service for mail\./);
});
