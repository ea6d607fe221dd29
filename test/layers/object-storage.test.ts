import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import {
  createBucket,
  createSftpAccount,
  emptyPlaces,
  ensureBucket,
  setInternetFaults,
} from '../../sandbox/control.ts';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import type { StorageFault } from '../../sandbox/internet/storage/fault.ts';
import { type Bucket, boxName, storageEndpoint, storageName } from '../../sandbox/internet/storage/names.ts';
import { storageTasks } from '../../sandbox/internet/storage/program.ts';
import { docker } from '../../sandbox/machine/docker.ts';
import {
  createMachine,
  onMachine,
  removeMachine,
  startMachine,
  tryOnMachine,
} from '../../sandbox/machine/machine.ts';
import { serverAddresses } from '../../sandbox/machine/network.ts';
import type { RunResult } from '../../system/run.ts';
import { sandboxFetch } from '../../system/sandbox-fetch.ts';
import { openInternet } from '../support/internet.ts';
import { openLab } from '../support/lab.ts';

/**
 * The way of a real server to places for backups, with Debian's restic: a bucket at Hetzner's Object Storage, and a
 * Storage Box. And what restic says when these fail, which our own messages are made from.
 */
const machine = 'layer-object-storage';
let close: (() => Promise<void>) | undefined;
let bucket: Bucket;
/** A repository in the bucket with one backup, for what only looks. */
let repository = '';

before(async () => {
  const lab = await openLab([], { also: storageTasks });
  close = await openInternet(lab, 'places');
  await emptyPlaces();
  await removeMachine(machine);
  await createMachine({ id: machine, hostname: machine, image: lab.machineImage, ...serverAddresses(32) });
  await startMachine(machine);
  const make =
    'mkdir -p /root/data/deep && cd /root/data && head -c 3000000 /dev/urandom > deep/big && echo small > small';
  await onMachine(machine, ['sh', '-c', make]);
  bucket = await createBucket('ada');
  repository = inBucket('ada', 'haven');
  const made = await restic(repository, ['init']);
  assert.equal(made.code, 0, made.stderr);
  await backUp(repository);
});
afterEach(() => setInternetFaults({ [storageName]: null, [boxName]: null }));
after(async () => {
  await removeMachine(machine);
  await close?.();
});

const inBucket = (name: string, folder: string): string => `s3:${storageEndpoint}/${name}/${folder}`;

/** How long restic is watched while it waits for a slow storage: it gives up after 15 minutes. */
const watchedSeconds = 12;
/** The status of timeout(1) when the time was over. */
const timeIsOver = 124;

/**
 * Runs a program and ends it once its errors have the line that is asked for, with the status of timeout(1): it went on
 * until then. Where it ends before, its own status counts.
 */
const untilSaid = `: > /tmp/said; "\${@:2}" 2> >(tee /tmp/said >&2) & running=$!
while kill -0 $running 2> /dev/null; do
  if grep -qE "$1" /tmp/said; then kill $running; wait $running; exit ${timeIsOver}; fi
  sleep 0.1
done
wait $running`;

/** Runs restic on the server as a unit would, with a limit of its own there, or until it has said something. */
async function restic(
  place: string,
  words: string[],
  { seconds = 60, set = {}, until }: { seconds?: number; set?: Record<string, string>; until?: RegExp } = {},
): Promise<RunResult> {
  const variables = {
    RESTIC_REPOSITORY: place,
    RESTIC_PASSWORD: 'the password',
    AWS_ACCESS_KEY_ID: bucket.key,
    AWS_SECRET_ACCESS_KEY: bucket.secret,
    ...set,
  };
  const env = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const run = ['env', ...env, 'timeout', String(seconds), 'restic', '--no-cache', ...words];
  const watched = until ? ['bash', '-c', untilSaid, 'until-said', until.source, ...run] : run;
  return tryOnMachine(machine, watched, { timeoutMs: (seconds + 30) * 1000 });
}

async function backUp(place: string, words: string[] = []): Promise<void> {
  const done = await restic(place, [...words, 'backup', '/root/data']);
  assert.equal(done.code, 0, done.stderr);
}

/** Makes a repository, backs a folder up, changes it, and gets it back as it was. */
async function goThere(place: string, words: string[] = []): Promise<void> {
  const made = await restic(place, [...words, 'init']);
  assert.equal(made.code, 0, made.stderr);
  await backUp(place, words);
  const checked = await restic(place, [...words, 'check', '--read-data']);
  assert.match(checked.stdout, /no errors were found/, checked.stderr);
  await onMachine(machine, ['rm', '-rf', '/root/back']);
  const back = await restic(place, [...words, 'restore', 'latest', '--target', '/root/back']);
  assert.equal(back.code, 0, back.stderr);
  const compared = await tryOnMachine(machine, ['diff', '-r', '/root/data', '/root/back/root/data']);
  assert.deepEqual([compared.code, compared.stdout], [0, '']);
}

test('a server keeps a folder in a bucket and gets it back, with a region and without one', async () => {
  await goThere(inBucket('ada', 'there-and-back'));
  const listed = await restic(repository, ['snapshots', '--json'], {
    set: { AWS_DEFAULT_REGION: bucket.region },
  });
  assert.equal((JSON.parse(listed.stdout) as unknown[]).length, 1);
});

test('the system of a server trusts the storage, and this machine reaches it as haven does', async () => {
  const asked = await onMachine(machine, ['curl', '-sS', `${storageEndpoint}/`]);
  assert.match(asked.stdout, /<Error><Code>AccessDenied<\/Code>/);
  Object.assign(process.env, sandboxEnvironment());
  const answer = await sandboxFetch(`${storageEndpoint}/`, {});
  assert.equal(answer.status, 403);
  assert.match(await answer.text(), /<Error><Code>AccessDenied<\/Code>/);
});

/** Makes a key on the server and what it takes to reach the box; answers with restic's words. */
async function openBox(name: string): Promise<string[]> {
  await onMachine(machine, ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `/root/${name}`]);
  const { stdout: publicKey } = await onMachine(machine, ['cat', `/root/${name}.pub`]);
  const { host, port, hostKey } = await createSftpAccount(publicKey);
  await onMachine(machine, ['tee', '/root/known-hosts'], { input: `[${host}]:${port} ${hostKey}\n` });
  return sshWords(name);
}

const sshOptions = ['-o', 'UserKnownHostsFile=/root/known-hosts', '-o', 'BatchMode=yes'];
const sshWords = (name: string): string[] => ['-o', `sftp.args=-i /root/${name} ${sshOptions.join(' ')}`];
const inBox = (folder: string): string => `sftp://u100000@${boxName}:23/${folder}`;

/** Asks the box for a command, with a key that the server has. */
const ssh = (key: string, user: string): Promise<RunResult> =>
  tryOnMachine(machine, [
    ...['timeout', '20', 'ssh', '-i', `/root/${key}`, ...sshOptions, '-p', '23', `${user}@${boxName}`],
    'id',
  ]);

/** All that restic says for certain: the reason is ssh's, whose own words it passes on only if they come in time. */
const noSession = /^Fatal: .*: unable to start the sftp session/m;

test('a server keeps a folder in a Storage Box and gets it back', async () => {
  const words = await openBox('key');
  const place = inBox('there-and-back');
  await goThere(place, words);
  const above = await restic(inBox('/above'), [...words, 'init']);
  assert.match(above.stderr, /MkdirAll \/above\/\S+: permission denied/);
  assert.equal(above.code, 1);
  const none = await restic(inBox('nothing'), [...words, 'snapshots']);
  assert.match(none.stderr, /repository does not exist/);
  assert.equal(none.code, 10);
});

test('what restic and ssh say when a Storage Box can not be used', async () => {
  const words = await openBox('owner');
  const made = await restic(inBox('owner'), [...words, 'init']);
  assert.equal(made.code, 0, made.stderr);
  await onMachine(machine, ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', '/root/stranger']);
  const fails = async (what: string, key: string, reason: RegExp) => {
    const failed = await restic(inBox('owner'), [...sshWords(key), 'snapshots']);
    assert.match(failed.stderr, noSession, what);
    assert.equal(failed.code, 1, what);
    assert.match((await ssh(key, 'u100000')).stderr, reason, what);
  };
  await fails('another key', 'stranger', /: Permission denied \(publickey\)\./);
  await setInternetFaults({ [boxName]: 'refused' });
  await fails('nothing listens', 'owner', /port 23: Connection refused/);
  await setInternetFaults({ [boxName]: null });
  assert.equal((await restic(inBox('owner'), [...words, 'snapshots'])).code, 0);
  await onMachine(machine, [
    'sed',
    '-i',
    's/ssh-ed25519 .*/ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAA/',
    '/root/known-hosts',
  ]);
  await fails('another host key', 'owner', /Host key verification failed\./);
});

test('a Storage Box gives its user files alone, and no one else anything', async () => {
  await openBox('other');
  assert.equal((await ssh('other', 'u100000')).stdout, 'This service allows sftp connections only.\n');
  assert.match((await ssh('other', 'root')).stderr, /Permission denied \(publickey\)/);
});

test('what restic says when keys, bucket, repository or password are wrong', async () => {
  const cases: [what: string, place: string, set: Record<string, string>, code: number, message: RegExp][] = [
    ['another secret', repository, { AWS_SECRET_ACCESS_KEY: 'another' }, 1, /Stat: Access Denied\./],
    ['an unknown key', repository, { AWS_ACCESS_KEY_ID: 'UNKNOWN' }, 1, /Stat: Access Denied\./],
    ['no such bucket', inBucket('bob', 'haven'), {}, 10, /repository does not exist/],
    ['no such folder', inBucket('ada', 'bob'), {}, 10, /repository does not exist/],
    ['another password', repository, { RESTIC_PASSWORD: 'another' }, 12, /wrong password or no key found/],
  ];
  for (const [what, place, set, code, message] of cases) {
    const failed = await restic(place, ['snapshots'], { set });
    assert.match(failed.stderr, message, what);
    assert.equal(failed.code, code, what);
  }
});

test('what restic says when the storage fails, and that it works again afterwards', async () => {
  const tries = (fault: StorageFault, message: RegExp) => ({
    fault,
    code: timeIsOver,
    message,
    watched: { until: message },
  });
  const cases = [
    {
      fault: 'denied',
      code: 1,
      message: /^Stat\(<config\/>\) failed: Stat: Access Denied\.\nFatal: unable to open config file/m,
      watched: {},
    },
    tries('unavailable', /retrying after .*: Please reduce your request rate\./),
    tries('refused', /retrying after .*: dial tcp [^ ]+:443: connect: connection refused/),
    tries('full', /retrying after .*: There is not enough space in the storage\./),
    { fault: 'slow', code: timeIsOver, message: /^/, watched: { seconds: watchedSeconds } },
  ] as const;
  for (const { fault, code, message, watched } of cases) {
    await onMachine(machine, ['sh', '-c', 'head -c 3000000 /dev/urandom > /root/data/deep/big']);
    await setInternetFaults({ [storageName]: fault });
    const failed = await restic(repository, ['backup', '/root/data'], watched);
    assert.match(failed.stderr, message, fault);
    assert.equal(failed.code, code, `${fault}: ${failed.stderr}`);
    await setInternetFaults({ [storageName]: null });
    await backUp(repository);
  }
  const checked = await restic(repository, ['check', '--read-data']);
  assert.match(checked.stdout, /no errors were found/, checked.stderr);
});

test('a bucket that exists is left as it is, and is reached as before', async () => {
  assert.deepEqual(await ensureBucket('ada'), bucket);
  const { code, stdout } = await restic(repository, ['snapshots']);
  assert.equal(code, 0, stdout);
  const added = await ensureBucket('added');
  assert.deepEqual(added, { ...bucket, bucket: 'added' });
  assert.equal((await restic(inBucket('added', 'haven'), ['init'])).code, 0);
});

test('an S3 server that does not run is started for a bucket, with what it had', async () => {
  await docker(['rm', '-f', '-v', 'haven-sandbox-object-storage']);
  await Promise.all([createBucket('late'), createBucket('later')]);
  assert.equal((await restic(inBucket('late', 'haven'), ['init'])).code, 0);
  assert.equal((await restic(repository, ['snapshots'])).code, 0);
});

test('places that are emptied hold nothing, and open to no key', async () => {
  const words = await openBox('last');
  const made = await restic(inBox('last'), [...words, 'init']);
  assert.equal(made.code, 0, made.stderr);
  await emptyPlaces();
  assert.equal((await restic(repository, ['snapshots'])).code, 10);
  assert.match((await restic(inBox('last'), [...words, 'snapshots'])).stderr, noSession);
  const again = await openBox('after');
  assert.equal((await restic(inBox('last'), [...again, 'snapshots'])).code, 10);
  await createBucket('ada');
  await assert.rejects(createBucket('ada'), /BucketAlreadyOwnedByYou/);
  await assert.rejects(createBucket('../ada'), /the sandbox answers 500/);
});
