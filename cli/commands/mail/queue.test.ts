import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WaitingEmail } from '../../../core/mail/mail-queue.ts';
import { testServices } from '../../../test/support/owner.ts';
import { fails, openCloud, succeeds, type } from '../../../test/support/typist.ts';

const email: WaitingEmail = {
  id: '4fJ2bX1Qz3z9sQ',
  since: '2026-11-29T12:00:00.000Z',
  bytes: 1529,
  from: 'ada@example.org',
  state: 'waiting',
  nextTry: '2026-11-29T12:10:00.000Z',
  to: [
    {
      address: 'friend@elsewhere.example',
      why: 'mx.elsewhere.example answered: 451 4.7.1 Try later',
      said: 'host mx.elsewhere.example[203.0.113.7] said: 451 4.7.1 Try later (in reply to RCPT TO command)',
    },
  ],
};
const report: WaitingEmail = { ...email, id: '4fJ2bX1Qz3z9sR', from: '', bytes: 2_300_000 };

/** A cloud with mail, and with this queue, from which the agent deletes. */
async function openMail(queue: WaitingEmail[]) {
  const cloud = await openCloud({
    services: ['postbox'],
    agent: {
      'mail-queue': () => queue,
      'mail-queue-retry': ([, id]) => queue.filter((each) => id === undefined || each.id === id),
      'mail-queue-delete': ([, id]) => queue.splice(0).filter((each) => each.id === id),
    },
  });
  process.env.HAVEN_SERVICES = testServices;
  return cloud;
}

test('lists what waits, since when, why, and when it is tried again', async () => {
  const cloud = await openMail([email, report]);
  const { screen, json } = await succeeds<WaitingEmail[]>('mail queue');
  assert.match(
    screen.stdout,
    / {2}4fJ2bX1Qz3z9sQ {2}from ada@example\.org, since 2026-11-29 13:00 CET, 2 KB\n/,
  );
  assert.match(
    screen.stdout,
    / to friend@elsewhere\.example: mx\.elsewhere\.example answered: 451 4\.7\.1 Try later\n/,
  );
  assert.match(screen.stdout, / is tried again at 2026-11-29 13:10 CET\n/);
  assert.match(screen.stdout, /4fJ2bX1Qz3z9sR {2}a report of a failed delivery, .* 2\.3 MB\n/);
  assert.match(screen.stdout, /2 emails wait\..*haven mail queue retry.*haven mail queue delete ID\n/);
  assert.deepEqual(json, [email, report]);
  assert.deepEqual(cloud.agent.asked.at(-1)?.args, ['postbox']);
  await openMail([]);
  assert.match((await type(['mail', 'queue'])).stdout, /No email waits\.\n/);
});

test('each state says what happens next', async () => {
  for (const [state, says] of [
    ['trying', /is being delivered now/],
    ['arriving', /is being accepted now/],
    ['held', /is held until/],
  ] as const) {
    await openMail([{ ...email, state }]);
    assert.match((await type(['mail', 'queue'])).stdout, says);
  }
});

test('tries all that wait, or one', async () => {
  const cloud = await openMail([email, report]);
  const all = await succeeds('mail queue retry');
  assert.match(all.screen.stdout, /2 emails are tried now\..*haven mail queue\n/);
  assert.deepEqual(cloud.agent.asked.at(-1)?.args, ['postbox']);
  const one = await succeeds('mail queue retry', [report.id]);
  assert.match(one.screen.stdout, /1 email is tried now/);
  assert.deepEqual(cloud.agent.asked.at(-1)?.args, ['postbox', report.id]);
  assert.match((await type(['mail', 'queue', 'retry', 'GONE'])).stdout, /GONE does not wait any more\./);
});

test('deletes one after a yes, which says what is lost; twice is a success', async () => {
  const cloud = await openMail([email]);
  const asked = () => cloud.agent.asked.filter(({ command }) => command === 'mail-queue-delete');
  await fails(
    ['mail', 'queue', 'delete', email.id],
    'declined',
    /deletes the email from ada@example\.org to friend@elsewhere\.example\. It is never delivered.*mail queue delete 4fJ2bX1Qz3z9sQ --yes/,
  );
  assert.deepEqual(asked(), []);
  const no = await type(['mail', 'queue', 'delete', email.id], { answers: [[/Continue\?/, false]] });
  assert.equal(no.code, 4, no.stderr);
  assert.deepEqual(asked(), []);
  const { screen } = await succeeds('mail queue delete', [email.id, '--yes']);
  assert.match(screen.stdout, /4fJ2bX1Qz3z9sQ was deleted\./);
  assert.equal(asked().length, 1);
  assert.match(
    (await type(['mail', 'queue', 'delete', 'ALL', '--yes'])).stdout,
    /ALL does not wait any more/,
  );
  assert.equal(asked().length, 1);
});

test('a cloud without mail is refused', async () => {
  await openCloud();
  for (const words of [['queue'], ['queue', 'retry'], ['queue', 'delete', 'x']])
    await fails(['mail', ...words], 'failed', /haven\.yaml: has no service for mail\./);
});
