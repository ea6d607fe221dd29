import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Repository } from '../../agent/backups/repository.ts';
import { BackupError } from '../../agent/backups/run-restic.ts';
import type { BackupOrder } from '../../core/backups/backup-settings.ts';
import { resticEnvironment, resticOptions } from '../../core/backups/restic-call.ts';
import { run } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { backupLayout, backupManifest, backupOrder } from '../support/backup-order.ts';
import { freePort } from '../support/go-program.ts';
import { scratch } from '../support/scratch.ts';
import { useServerRestic } from '../support/server-restic.ts';
import { makeKey, SftpServer } from '../support/sftp-server.ts';

/** The repository for real: Debian 13's restic, and OpenSSH's server on loopback. */
let server: SftpServer;

before(async () => {
  await useServerRestic();
  server = await SftpServer.start(scratch('sftp'));
});
after(() => server?.stop());

/** A repository in a folder of its own at the storage. */
function atFolder(
  folder: string,
  changed: { order?: Partial<BackupOrder>; place?: object; secrets?: Record<string, string> } = {},
): Repository {
  const place = { ...server.place, folder, ...changed.place };
  const order = backupOrder(place, { 'backup-sftp-key': server.key, ...changed.secrets });
  return Repository.open(backupLayout(scratch('backup'), order)) ?? assert.fail('no order');
}

/** What a backup is made from: data of another user with special rights, and a file beside it. */
function tree(): string {
  const folder = scratch('tree');
  mkdirSync(join(folder, 'data/files/inner'), { recursive: true });
  writeFileSync(join(folder, 'data/files/inner/a'), 'one');
  writeFileSync(join(folder, 'bundle.json'), '{"release":1}');
  chownSync(join(folder, 'data/files/inner/a'), 2345, 2345);
  chownSync(join(folder, 'data/files'), 2345, 2346);
  chmodSync(join(folder, 'data/files'), 0o750);
  return folder;
}

const failure = async (work: Promise<unknown>): Promise<BackupError> => {
  const error = await work.then(
    () => assert.fail('it should have failed'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof BackupError, String(error));
  return error;
};

test('there is no repository without an order', () => {
  assert.equal(Repository.open(backupLayout(scratch('backup'))), undefined);
});

test('a backup is made once, listed with what it is, and restored with owners and rights', async () => {
  const repository = atFolder('whole');
  await Promise.all([repository.ensure(), repository.ensure()]);
  assert.equal(readdirSync(join(server.home, 'whole/keys')).length, 1, 'it was made once');
  assert.deepEqual(await repository.list(), []);
  assert.equal(await repository.newest('gitea'), undefined);
  const folder = tree();
  const first = await repository.backup(folder, backupManifest());
  assert.ok(first.addedBytes > 0);
  writeFileSync(join(folder, 'data/files/inner/a'), 'second');
  const second = await repository.backup(
    folder,
    backupManifest({ at: '2026-11-29T03:30:05.000Z', why: 'asked' }),
  );
  await repository.backup(folder, backupManifest({ service: 'website', at: '2026-11-30T03:30:05.000Z' }));
  const { format: _format, haven: _haven, ...shown } = backupManifest();
  assert.deepEqual(await repository.list('gitea'), [
    { id: second.id, ...shown, at: '2026-11-29T03:30:05.000Z', why: 'asked' },
    { id: first.id, ...shown },
  ]);
  assert.equal((await repository.list()).length, 3);
  assert.equal((await repository.newest('gitea'))?.id, second.id);
  assert.equal((await repository.newest('gitea', '2026-11-29T03:30:04Z'))?.id, first.id);
  assert.equal(await repository.newest('gitea', '2026-11-28T03:30:04Z'), undefined);

  const to = scratch('restored');
  const target = join(to, 'data/files');
  mkdirSync(join(target, 'inner'), { recursive: true });
  writeFileSync(join(target, 'inner/later'), 'not in the backup');
  writeFileSync(join(to, 'beside'), 'of no part');
  await repository.restore(first.id, ['data', 'secrets'], to);
  assert.deepEqual(readdirSync(to), ['beside', 'data'], 'the backup has no secrets');
  assert.deepEqual(readdirSync(target), ['inner']);
  assert.deepEqual(readdirSync(join(target, 'inner')), ['a']);
  assert.equal(readFileSync(join(target, 'inner/a'), 'utf8'), 'one');
  const { uid, gid, mode } = statSync(target);
  assert.deepEqual([uid, gid, mode & 0o7777], [2345, 2346, 0o750]);
  assert.equal(statSync(join(target, 'inner/a')).uid, 2345);
  assert.equal(await repository.read(second.id, 'bundle.json'), '{"release":1}');
  const whole = scratch('whole');
  await repository.restore(second.id, [], whole);
  assert.deepEqual(readdirSync(whole), ['bundle.json', 'data']);
  await repository.check();
});

test('what is unchanged is not sent again', async () => {
  const repository = atFolder('again');
  await repository.ensure();
  const folder = tree();
  writeFileSync(join(folder, 'data/files/large'), randomBytes(5_000_000));
  const first = await repository.backup(folder, backupManifest());
  const second = await repository.backup(folder, backupManifest({ at: '2026-11-29T03:30:05.000Z' }));
  assert.ok(first.addedBytes > 5_000_000);
  assert.ok(second.addedBytes < 20_000, `${second.addedBytes} bytes`);
});

test('keeps as many backups of each service as the owner wants, and deletes the data of the others', async () => {
  const repository = atFolder('kept');
  await repository.ensure();
  const folder = tree();
  for (const [service, day] of [
    ['gitea', 1],
    ['gitea', 2],
    ['gitea', 3],
    ['website', 1],
  ] as const) {
    writeFileSync(join(folder, 'data/files/large'), randomBytes(2_000_000));
    // Each has another release, as after deploys.
    const at = `2026-06-0${day}T03:30:00.000Z`;
    await repository.backup(folder, backupManifest({ service, at, release: `r${day}` }));
  }
  const sizeOf = async () =>
    Number((await run('du', ['-sb', join(server.home, 'kept/data')])).stdout.split('\t')[0]);
  assert.ok((await sizeOf()) > 8_000_000);
  assert.equal(await repository.forget({ days: 2, weeks: 0, months: 0 }), 1);
  assert.deepEqual(
    (await repository.list()).map(({ service, at }) => `${service} ${at.slice(0, 10)}`).toSorted(),
    ['gitea 2026-06-02', 'gitea 2026-06-03', 'website 2026-06-01'],
  );
  assert.ok((await sizeOf()) < 7_500_000, 'its data is gone, too');
  assert.equal(await repository.forget({ days: 2, weeks: 0, months: 0 }), 0);
});

test('a run that was killed does not keep the next one out', async () => {
  const repository = atFolder('killed');
  await repository.ensure();
  const folder = tree();
  writeFileSync(join(folder, 'data/files/large'), randomBytes(30_000_000));
  const locks = join(server.home, 'killed/locks');
  await killAtWork(repository.order, folder, locks);
  assert.equal(readdirSync(locks).length, 1, 'its lock is still there');
  // This needs the repository for itself.
  await repository.check();
  await repository.forget({ days: 1, weeks: 0, months: 0 });
  assert.deepEqual(readdirSync(locks), []);
});

/** Kills restic (SIGKILL) in the middle of a slow backup, as a server that loses power does. */
async function killAtWork(order: BackupOrder, folder: string, locks: string): Promise<void> {
  const run = join(scratch('killed'), 'run');
  const { identity, knownHosts } = { identity: `${run}-identity`, knownHosts: `${run}-known` };
  const files = { cache: `${run}-cache`, identity, knownHosts };
  writeFileSync(identity, server.key, { mode: 0o600 });
  writeFileSync(knownHosts, `haven-backup ${server.place.hostKey}\n`);
  const child = spawn(
    'restic',
    [...resticOptions(order, files), 'backup', '.', '--limit-upload', '500', '--host', 'ada'],
    { cwd: folder, env: { PATH: process.env.PATH, ...resticEnvironment(order, files) }, stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await waitUntil('the lock', () => existsSync(locks) && readdirSync(locks).length === 1, { everyMs: 50 });
  child.kill('SIGKILL');
  await ended;
}

test('a backup that misses a file is not kept', async (t) => {
  const repository = atFolder('incomplete');
  await repository.ensure();
  const folder = tree();
  // A file that even root can't read: this process's memory, at an address where it has none (proc_pid_mem(5)).
  const bad = join(folder, 'data/files/unreadable');
  writeFileSync(bad, '');
  await run('mount', ['--bind', `/proc/${process.pid}/mem`, bad]);
  t.after(() => run('umount', [bad]));
  const { kind, message } = await failure(repository.backup(folder, backupManifest()));
  assert.equal(kind, 'incomplete');
  assert.match(message, /could not be read, .*unreadable among them, so this backup was not kept/);
  assert.deepEqual(await repository.list(), []);
});

test('each failure tells the owner within seconds what to do', async (t) => {
  const working = atFolder('said');
  await working.ensure();
  const other = await makeKey(join(scratch('key'), 'other'));
  const silent = await freePort();
  const cases: [string, Repository, string, RegExp][] = [
    [
      'password',
      atFolder('said', { secrets: { 'backup-password': 'another' } }),
      'password',
      /^The backups in folder "said" are encrypted with another password.*haven up$/,
    ],
    [
      'key',
      atFolder('said', { secrets: { 'backup-sftp-key': other.privateKey } }),
      'ssh-key',
      /does not accept the key of this cloud\. .*haven backup key/,
    ],
    [
      'host key',
      atFolder('said', { place: { hostKey: other.publicKey } }),
      'host-key',
      /^127\.0\.0\.1 shows another host key.*backups\.sftp\.hostKey/,
    ],
    [
      'port',
      atFolder('said', { place: { port: silent } }),
      'unreachable',
      /^127\.0\.0\.1 can't be reached: nothing listens at its address\. The server tries again each hour/,
    ],
    [
      'name',
      atFolder('said', { place: { host: 'storage.invalid' } }),
      'unreachable',
      /^storage\.invalid can't be reached: its name does not exist/,
    ],
  ];
  for (const [name, repository, kind, message] of cases)
    await t.test(name, async () => {
      const began = Date.now();
      const error = await failure(repository.ensure());
      assert.match(error.message, message);
      assert.equal(error.kind, kind);
      assert.ok(Date.now() - began < 30_000, `after ${Date.now() - began} ms`);
    });
});

test('a storage that is full says so', async (t) => {
  const small = join(server.home, 'small');
  mkdirSync(small);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', small]);
  t.after(() => run('umount', ['-l', small]));
  const repository = atFolder('small/ada');
  await repository.ensure();
  const folder = tree();
  writeFileSync(join(folder, 'data/files/large'), randomBytes(20_000_000));
  const { kind, message } = await failure(repository.backup(folder, backupManifest()));
  assert.equal(kind, 'full', message);
});
