import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startForeignMail } from '../../sandbox/control.ts';
import { emptyMailbox, foreignMailContainer } from '../../sandbox/internet/foreign-mail/server.ts';
import type { ForeignMailOrder } from '../../sandbox/internet/foreign-mail/zone.ts';
import { docker, tryDocker } from '../../sandbox/machine/docker.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { judged } from '../behaviours/judged.ts';
import { lineWith } from '../support/mail-judges.ts';
import {
  addAda,
  closeRelayLab,
  deployMail,
  judgedEmails,
  openRelayLab,
  sendOne,
  server,
  waitingEmails,
} from '../support/mail-relay-lab.ts';

/**
 * Over which connections email leaves: real Postfix, and the mail server of another company, which says in DNS (DANE) or by a
 * policy (MTA-STS) how it is to be reached. posttls-finger on that company's server shows that the fault is where the test put it.
 */
before(async () => {
  await openRelayLab('layer-outgoing-tls', 53);
  await deployMail();
  await addAda();
});
after(closeRelayLab);

const inside = (container: string, ...command: string[]) =>
  onMachine(server.id, ['docker', 'exec', `haven-mail-${container}-1`, ...command]);

/**
 * Another company's server, as it is from now on. It counts at once, because what is remembered of DNS is forgotten, and Postfix's
 * processes, which keep what they were told to demand, are started again.
 */
async function publish(order: Partial<ForeignMailOrder>): Promise<void> {
  await startForeignMail(order);
  await onMachine(server.id, ['docker', 'restart', 'haven-mail-unbound-1']);
  await waitUntil('the resolver to answer again', async () => {
    const command = ['docker', 'exec', 'haven-mail-postfix-1', 'getent', 'hosts', 'mx.freemail.test'];
    return (await tryOnMachine(server.id, command)).code === 0;
  });
  await inside('postfix', 'postfix', 'reload');
}

/** Forgets each policy, as if no email had ever gone there. */
async function forgetPolicies(): Promise<void> {
  const files = '/srv/haven/services/mail/data/policies';
  const sts = 'haven-mail-sts-1';
  await onMachine(server.id, ['sh', '-ec', `docker stop ${sts}; rm ${files}/*; docker start ${sts}`]);
  await policyOnceItAnswers('192.0.2.1');
}

/** What Postfix is told to demand of a domain. */
async function policyOf(domain: string): Promise<string> {
  const table = 'socketmap:inet:172.30.25.8:8461:postfix';
  // It ends with 1 for an error, too.
  const script = `told=$(postmap -q ${domain} ${table} 2>&1); echo "\${told:-none}"`;
  return (await inside('postfix', 'sh', '-c', script)).stdout.trim();
}

const policyOnceItAnswers = (domain: string): Promise<string> =>
  waitUntil('the program that knows policies to answer', async () => {
    const told = await policyOf(domain);
    return told.startsWith('postmap: ') ? undefined : told;
  });

/** The policies that are remembered, as they are on disk. */
async function storedPolicies(): Promise<string> {
  const read =
    "import sqlite3; print(sqlite3.connect('/policies/cache.db').execute('select * from sts_policy_cache').fetchall())";
  return (await inside('sts', 'python3', '-c', read)).stdout;
}

/** Tries everything that waits again, and answers with what Postfix says of it: a line for each email, and the reason. */
async function tryAgain(): Promise<string> {
  await inside('postfix', 'postqueue', '-f');
  return waitingEmails();
}

const hasArrived = (subject: string): boolean => judgedEmails().some((each) => each.subject === subject);
/** What waits does so for this reason; the lines that say it. */
async function waitsBecause(subject: string, reason: RegExp): Promise<string> {
  const text = await waitUntil(
    `${subject} to wait because of ${reason}`,
    async () => {
      const said = await tryAgain();
      return reason.test(said) ? said : undefined;
    },
    { timeoutMs: 120_000, everyMs: 3000 },
  ).catch(async (error: Error) => assert.fail(`${error.message}\n${await logOfPostfix()}`));
  assert.ok(!hasArrived(subject), text);
  return lineWith(text, reason);
}
/** It arrives; the line in which Postfix says of what kind the connection was. */
async function arrivesOver(subject: string, connection: RegExp): Promise<string> {
  await waitUntil(
    `${subject} to arrive`,
    async () => {
      await tryAgain();
      return hasArrived(subject);
    },
    { timeoutMs: 120_000, everyMs: 3000 },
  ).catch(async (error: Error) => assert.fail(`${error.message}\n${await logOfPostfix()}`));
  const lines = (await logOfPostfix())
    .split('\n')
    .filter((each) => each.includes('TLS connection established to mx'));
  const last = lines.at(-1) ?? '';
  assert.match(last, connection);
  return last.replace(/^.*?: /, '');
}
const logOfPostfix = async (): Promise<string> =>
  (await onMachine(server.id, ['docker', 'logs', '--tail', '80', 'haven-mail-postfix-1'])).stdout;

/** How Debian's posttls-finger sees that server, at a level of Postfix. */
async function finger(...words: string[]): Promise<string> {
  const command = ['posttls-finger', '-c', '-F', '/authority/ca.crt', ...words];
  const { stdout, stderr } = await tryDocker(['exec', foreignMailContainer, ...command]);
  return stdout + stderr;
}

/** Notes what both said: of that server as it was, and of the email that waited and then arrived. */
async function show(behaviour: '25a' | '25b', fingered: string, sent: string): Promise<void> {
  const asked = ['dpkg-query', '-W', '-f', '${Version}', 'postfix'];
  const there = (await docker(['exec', foreignMailContainer, ...asked])).stdout;
  const here = (await inside('postfix', ...asked)).stdout;
  judged({ behaviour, judge: `posttls-finger ${there}`, said: fingered });
  judged({ behaviour, judge: `Postfix ${here}`, said: sent });
}

test('email goes out only over the key that the receiver’s DNS names (DANE)', async () => {
  await publish({ tlsa: 'wrong' });
  const seen = await finger('-l', 'dane', 'freemail.test');
  assert.match(seen, /no matching DANE TLSA records/);
  await sendOne('over another key');
  const waiting = await waitsBecause('over another key', /Server certificate not (?:trusted|verified)/);
  await publish({ tlsa: 'fits' });
  const arrived = await arrivesOver('over another key', /Verified TLS connection/);
  await show('25a', lineWith(seen, /no matching DANE TLSA/), `${waiting}; ${arrived}`);
});

test('a policy that only asks for reports stops no email', async () => {
  await publish({ tlsa: 'none', sts: 'testing' });
  assert.equal(await policyOf('freemail.test'), 'none');
  assert.match(await storedPolicies(), /"mode": "testing"/, 'it was read');
  await sendOne('while they test');
  await arrivesOver('while they test', /Untrusted TLS connection/);
});

test('email goes out only over a valid certificate where the receiver’s policy asks for it (MTA-STS), also once that can’t be read', async () => {
  await forgetPolicies();
  await publish({ tlsa: 'none', sts: 'enforce' });
  assert.match(await policyOf('freemail.test'), /^secure match=mx\.freemail\.test servername=hostname$/);
  const seen = await finger('-l', 'secure', 'freemail.test', 'mx.freemail.test');
  assert.match(seen, /self-signed certificate/);
  await sendOne('over any certificate');
  const waiting = await waitsBecause('over any certificate', /Server certificate not (?:trusted|verified)/);
  // An attacker on the way hides the policy: it was read, so it counts.
  await publish({ tlsa: 'none', sts: 'none' });
  await onMachine(server.id, ['docker', 'restart', 'haven-mail-sts-1']);
  assert.match(await policyOnceItAnswers('freemail.test'), /^secure /);
  await waitsBecause('over any certificate', /Server certificate not (?:trusted|verified)/);
  await publish({ tlsa: 'none', sts: 'enforce', certificate: 'trusted' });
  assert.match(await finger('-l', 'secure', 'freemail.test', 'mx.freemail.test'), /Verified TLS connection/);
  const arrived = await arrivesOver('over any certificate', /Verified TLS connection/);
  await show('25b', lineWith(seen, /self-signed/), `${waiting}; ${arrived}`);
});

test('where DNS names a key, a certificate that is valid otherwise is not enough, and one that is not does no harm', async () => {
  await forgetPolicies();
  await publish({ tlsa: 'wrong', sts: 'enforce', certificate: 'trusted' });
  assert.equal(await policyOf('freemail.test'), 'dane-only');
  await sendOne('both');
  await waitsBecause('both', /Server certificate not (?:trusted|verified)/);
  await publish({ tlsa: 'fits', sts: 'enforce', certificate: 'own' });
  await arrivesOver('both', /Verified TLS connection/);
});

test('email waits while policies can’t be asked for, and none is lost', async () => {
  emptyMailbox();
  await onMachine(server.id, ['docker', 'stop', 'haven-mail-sts-1']);
  await inside('postfix', 'postfix', 'reload');
  await sendOne('without policies');
  // An attempt takes up to a minute, in which the queue has no reason for it: as long as the network remembers where that program was.
  await waitUntil(
    'the reason in the log',
    async () => {
      await tryAgain();
      return /status=deferred \(client TLS configuration problem\)/.test(await logOfPostfix());
    },
    { timeoutMs: 180_000, everyMs: 3000 },
  ).catch(async (error: Error) => assert.fail(`${error.message}\n${await logOfPostfix()}`));
  assert.ok(!hasArrived('without policies'));
  await onMachine(server.id, ['docker', 'start', 'haven-mail-sts-1']);
  await arrivesOver('without policies', /Verified TLS connection/);
});
