import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Bundle } from '../../core/release/release.ts';
import { killMachine, startMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { judged } from '../behaviours/judged.ts';
import {
  backwardCrashPoints,
  chooseSome,
  forwardCrashPoints,
  isCommittedAt,
  randomFrom,
  seedOfThisRun,
} from '../support/crashes.ts';
import {
  closeMailLab,
  container,
  email,
  mailBundle,
  onServer,
  openMailLab,
  passwords,
  server,
  stranger,
  visitor,
} from '../support/mail-lab.ts';
import { judgeLedger, MailLedger } from '../support/mail-ledger.ts';
import { rspamc } from '../support/rspamc.ts';

/**
 * A thousand emails come in, from another server and from a mail program, while everything that handles them is killed at
 * random and through an upgrade of the images, one that fails, and a rollback. The sender keeps a ledger of each 250 on its
 * disk: every entry is in the mailbox at the end. The goal is that none is there twice; a kill of Dovecot between its store and its
 * note may repeat the one email that it was at.
 */
const least = 1000;
/** Accepted emails between two kills, at the least. */
const between = 25;
const began = Date.now();
const seed = seedOfThisRun();
const random = randomFrom(seed);
const oneOf = <T>(all: readonly T[]): T => chooseSome([...all], 1, random)[0]!;
let ledger: MailLedger;
let kills = 0;
/** Those of them that end Dovecot. */
let killsOfDovecot = 0;
/** How much the spam filter has learned before all that. */
let learnedBefore = 0;
const endsDovecot = (name: string) => /lmtp|dovecot|Docker$|machine/.test(name);

before(async () => {
  await openMailLab('crash-ledger', 46);
  const words = Array.from({ length: 60 }, (_, index) => `lottery${index} winner${index}`).join(' ');
  const taught = await tryOnMachine(server.id, rspamc('learn_spam'), {
    input: email({ body: words }).message,
  });
  assert.match(taught.stdout, /success = true/, taught.stdout + taught.stderr);
  learnedBefore = await waitUntil(
    'the spam filter to have learned',
    async () => (await learned()) || undefined,
  );
  ledger = new MailLedger(visitor);
  const mx = { host: server.ipv4, port: 25, from: stranger, to: 'ada@cloud.example' };
  const program = { ...mx, port: 587, user: 'ada', password: passwords.ada, from: 'ada@cloud.example' };
  await ledger.start({
    ...{ run: String(process.pid), seed, pauseSeconds: 0.3 },
    ways: [mx, { ...mx, host: server.ipv6 }, { ...mx, to: 'countess@second.example' }, program],
  });
  await ledger.progress(between);
});
after(closeMailLab);

/** How many emails the spam filter has learned from; 0 while it can't be asked. */
const learned = async () =>
  Number(/Total learns: (\d+)/.exec((await tryOnMachine(server.id, rspamc('stat'))).stdout)?.[1] ?? 0);

const onMachine = (script: string) => tryOnMachine(server.id, ['bash', '-c', script]);
/** All processes of a container at once, as the kernel does when memory runs out. Docker starts it again. */
const crash = (name: string) =>
  onMachine(`kill -KILL $(docker inspect -f '{{.State.Pid}}' ${container(name)})`);
/** Docker does not start again what it was told to kill. */
const killAndStart = (name: string) =>
  onMachine(`docker kill ${container(name)}; sleep 2; docker start ${container(name)}`);
const killDocker = () => onMachine('pkill -KILL -x dockerd; pkill -KILL -x containerd');
const restartMachine = async () => {
  await killMachine(server.id);
  await startMachine(server.id);
};

/** Programs by the name of their processes. Both Postfix and Dovecot have one called lmtp. */
const programs = ['smtpd', 'cleanup', 'qmgr', 'lmtp', 'master', 'auth', 'dovecot', 'rspamd', 'unbound'];
const containers = ['postfix', 'dovecot', 'rspamd', 'valkey', 'unbound'];
const victims: Record<string, () => Promise<unknown>> = {
  ...Object.fromEntries(
    programs.map((name) => [`processes ${name}`, () => onMachine(`pkill -KILL -x ${name}`)]),
  ),
  ...Object.fromEntries(containers.map((name) => [`container ${name}`, () => crash(name)])),
  'container postfix, by Docker': () => killAndStart('postfix'),
  'container dovecot, by Docker': () => killAndStart('dovecot'),
  Docker: killDocker,
  'the machine': restartMachine,
};

const note = (what: string) => console.log(`kill ${++kills}: ${new Date().toISOString().slice(11)} ${what}`);

async function killSome(names: string[]): Promise<void> {
  const order = names.map((name) => ({ name, at: random() })).toSorted((a, b) => a.at - b.at);
  for (const { name } of order) {
    note(name);
    if (endsDovecot(name)) killsOfDovecot++;
    await victims[name]!();
    await ledger.progress(between, { timeoutMs: 180_000 });
  }
}

/** A release whose images are others, made on the server from those that serve. `more` are lines of Dovecot's Dockerfile. */
async function withOtherImages(mark: string, more = ''): Promise<Bundle> {
  const bundle = mailBundle(mark);
  for (const [variable, reference] of Object.entries(bundle.release.images)) {
    const other = `${reference.replace(/:.*/, '')}:${mark}`;
    const lines = `FROM ${reference}\nLABEL mark=${mark}\n${variable === 'IMAGE_DOVECOT' ? more : ''}`;
    await onServer('bash', '-c', `printf '%s' "$0" | docker build -q -t ${other} -`, lines);
    bundle.release.images[variable] = other;
  }
  return bundle;
}

/** Applies a release, and does this besides when the agent is killed at a point. */
async function applyCut(bundle: Bundle, point: string, besides: () => Promise<unknown>) {
  note(`the agent at ${point}`);
  if (besides !== nothing) killsOfDovecot++;
  const applied = await server.apply(bundle, {
    crashAt: point,
    afterCrash: async () => {
      if (besides !== nothing) note(besides === killDocker ? 'Docker' : 'the machine');
      await besides();
    },
  });
  await ledger.progress(between, { timeoutMs: 180_000 });
  return applied.outcome;
}

const nothing = async () => undefined;

/** What is known of an email: when each copy in a mailbox was stored, and what Postfix and Dovecot wrote about it. */
async function tellOf(number: string): Promise<string> {
  const id = `<${number}@ledger.example>`;
  const script = `
files=$(grep -rlF 'Message-ID: ${id}' /srv/haven/services/mail/data/mailboxes)
stat -c 'stored %w %n' $files
queued=$(grep -hoE 'ESMTPS?A? id [0-9A-Za-z]+' $files | sed 's/.* //' | sort -u)
journalctl -o short-precise --no-pager | grep -F -e '${id}' $(printf -- '-e %s ' $queued)`;
  return (await onMachine(script)).stdout;
}

test('emails come in while each program, each container, Docker and the machine are killed', async () => {
  await killSome(Object.keys(victims));
});

test('through an upgrade of all images, in which the agent and Docker are killed', async () => {
  const upgrade = await withOtherImages('upgraded');
  const [uncommitted, committed] = [false, true].map((wanted) =>
    oneOf(forwardCrashPoints.filter((point) => isCommittedAt(forwardCrashPoints, point) === wanted)),
  );
  assert.equal(await applyCut(upgrade, uncommitted!, killDocker), 'undone');
  await killSome([oneOf(programs.map((name) => `processes ${name}`))]);
  assert.equal(await applyCut(upgrade, committed!, nothing), 'committed');
  await killSome([oneOf(containers.map((name) => `container ${name}`))]);
});

test('through an upgrade that fails, in which the agent and the machine are killed on the way back', async () => {
  const sick = await withOtherImages('sick', 'HEALTHCHECK --interval=2s --retries=2 CMD ["false"]\n');
  sick.release.startTimeoutSeconds = 30;
  assert.equal(await applyCut(sick, oneOf(backwardCrashPoints), restartMachine), 'undone');
});

test('through a rollback to the images from before', async () => {
  const { outcome, entries } = await server.apply(mailBundle());
  assert.equal(outcome, 'committed', JSON.stringify(entries));
  await ledger.progress(between);
});

test('every email that was answered with 250 is in a mailbox, and at most one for each kill of Dovecot is there twice', async () => {
  const missing = least - (await ledger.acknowledged()).length;
  if (missing > 0) await ledger.progress(missing, { timeoutMs: 300_000 });
  await ledger.stop();
  const inPostfix = async (...words: string[]) =>
    (await tryOnMachine(server.id, ['docker', 'exec', container('postfix'), ...words])).stdout;
  await waitUntil(
    'an empty queue',
    async () => {
      await inPostfix('postqueue', '-f');
      return /is empty/.test(await inPostfix('postqueue', '-p'));
    },
    { timeoutMs: 360_000, everyMs: 2000 },
  );
  const acknowledged = await ledger.acknowledged();
  const found = await ledger.found({ host: server.ipv4, user: 'ada', password: passwords.ada });
  const { lost, repeated } = judgeLedger(acknowledged, found);
  const failed = await ledger.failed();
  const minutes = ((Date.now() - began) / 60_000).toFixed(1);
  const figures = `${acknowledged.length} emails accepted, ${failed.length} attempts refused or cut off, ${kills} kills, ${minutes} min: ${lost.length} lost, ${repeated.length} twice`;
  console.log(`seed ${seed}: ${figures}`);
  for (const number of [...lost, ...repeated]) console.log(`${number}:\n${await tellOf(number)}`);
  assert.deepEqual(lost, []);
  assert.ok(repeated.length <= killsOfDovecot, `${killsOfDovecot} kills of Dovecot repeated ${repeated}`);
  const learnedAfter = await learned();
  assert.ok(
    learnedAfter >= learnedBefore,
    `${learnedBefore} emails were learned from, and ${learnedAfter} afterwards`,
  );
  const total = `Total learns: ${learnedBefore} before ${kills} kills, ${learnedAfter} after`;
  judged({ behaviour: '29', judge: 'rspamc', said: `${total} (seed ${seed})` });
  judged({ behaviour: '28', judge: 'Python smtplib and imaplib', said: `${figures} (seed ${seed})` });
});
