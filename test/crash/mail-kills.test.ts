import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseDocument } from 'yaml';
import { tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import {
  closeMailLab,
  container,
  email,
  mailBundle,
  mailbox,
  onServer,
  openMailLab,
  server,
  toMx,
} from '../support/mail-lab.ts';

/** What was accepted, while mailboxes are away: a trial, and a kill. Nothing of it is lost, and nothing arrives twice. */
before(() => openMailLab('crash-mail', 31));
after(closeMailLab);

/** Accepted while nothing can be delivered. */
async function acceptWithoutDovecot(count: number): Promise<string[]> {
  await onServer('docker', 'stop', container('dovecot'));
  const emails = Array.from({ length: count }, () => email());
  const waiting = [...emails];
  // Each waits some seconds for an answer about the mailbox, so several are handed in at once.
  const lane = async () => {
    for (let each = waiting.pop(); each; each = waiting.pop()) {
      const { data } = await toMx({ to: ['ada@cloud.example'], message: each.message });
      assert.equal(data?.code, 250, data?.text);
    }
  };
  await Promise.all([lane(), lane(), lane(), lane(), lane()]);
  return emails.map(({ subject }) => subject);
}

/** `repeated`: how many may be there twice. */
async function allArrive(subjects: string[], { repeated = 0 } = {}): Promise<void> {
  const counts = async () => {
    const texts = await mailbox('ada');
    return subjects.map((subject) => texts.filter((text) => text.includes(`Subject: ${subject}\r\n`)).length);
  };
  await waitUntil('all of them', async () => (await counts()).every((count) => count > 0), {
    timeoutMs: 360_000,
  });
  await onServer('docker', 'exec', container('postfix'), 'postqueue', '-f');
  await waitUntil('an empty queue', async () =>
    /empty/.test((await onServer('docker', 'exec', container('postfix'), 'postqueue', '-p')).stdout),
  );
  const copies = await counts();
  const more = copies.reduce((sum, each) => sum + each - 1, 0);
  console.log(`${copies.length} arrived, ${more} twice`);
  assert.ok(more <= repeated, `${more} came twice: ${copies}`);
}

/** Whether an email is in a mailbox, by its file: in a trial nobody can log in. */
async function isStored(subject: string): Promise<boolean> {
  const found = await tryOnMachine(server.id, [
    'grep',
    '-rqF',
    subject,
    '/srv/haven/services/mail/data/mailboxes',
  ]);
  assert.ok(found.code === 0 || found.code === 1, found.stderr);
  return found.code === 0;
}

test('a release on trial delivers nothing of what waits, and what waits arrives once after it was undone', async () => {
  const subjects = await acceptWithoutDovecot(2);
  // One container does not become healthy, so the start of the release goes on until that one is killed.
  const sick = mailBundle('sick');
  sick.release.startTimeoutSeconds = 300;
  const compose = parseDocument(sick.files['compose.yaml']!);
  const never = { test: ['CMD', 'false'], interval: '5s', retries: 1000 };
  compose.setIn(['services', 'valkey', 'healthcheck'], compose.createNode(never));
  sick.files['compose.yaml'] = compose.toString({ lineWidth: 0 });
  const inPostfix = async (...command: string[]) =>
    (await tryOnMachine(server.id, ['docker', 'exec', container('postfix'), ...command])).stdout;
  const { outcome } = await server.apply(sick, {
    whileRunning: async () => {
      await waitUntil(
        'the queue to be held, although it was told to deliver',
        async () => {
          await inPostfix('postqueue', '-f');
          const waiting = await inPostfix('postqueue', '-p');
          return waiting.split('held until the change is over').length > subjects.length;
        },
        { timeoutMs: 240_000, everyMs: 500 },
      );
      await inPostfix('postqueue', '-f');
      await sleep(2000);
      for (const subject of subjects) assert.equal(await isStored(subject), false);
      await onServer('docker', 'kill', container('valkey'));
    },
  });
  assert.equal(outcome, 'undone');
  await allArrive(subjects);
  assert.ok(await isStored(subjects[0]!), 'so that its absence means something');
});

test('killed with 20 accepted emails while mailboxes are away: all arrive, none twice', async () => {
  const subjects = await acceptWithoutDovecot(20);
  await onServer('docker', 'kill', '--signal', 'KILL', container('postfix'));
  await onServer('docker', 'start', container('dovecot'), container('postfix'));
  await allArrive(subjects);
});

/** A kill of Dovecot between its store and its note repeats the one email that it was at. */
const kills: { killed: string[]; repeated: number }[] = [
  { killed: ['postfix'], repeated: 0 },
  { killed: ['postfix', 'dovecot'], repeated: 1 },
];
for (const { killed, repeated } of kills)
  test(`${killed.join(' and ')} killed while a backlog is delivered: all arrive, at most ${repeated} twice`, async () => {
    const subjects = await acceptWithoutDovecot(30);
    await onServer('docker', 'start', container('dovecot'));
    await onServer('docker', 'exec', container('postfix'), 'postqueue', '-f');
    const stored = async () => {
      const counted = `grep -rlE 'Subject: (${subjects.join('|')})' /srv/haven/services/mail/data/mailboxes | grep -cE '/(new|cur)/'`;
      return Number((await tryOnMachine(server.id, ['bash', '-c', counted])).stdout);
    };
    await waitUntil('some to be delivered', async () => (await stored()) >= 5, {
      timeoutMs: 120_000,
      everyMs: 50,
    });
    const pids = `docker inspect -f '{{.State.Pid}}' ${killed.map(container).join(' ')}`;
    await onServer('bash', '-c', `kill -KILL $(${pids})`);
    console.log(`killed with ${await stored()} of ${subjects.length} delivered`);
    await allArrive(subjects, { repeated });
  });
