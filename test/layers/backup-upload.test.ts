import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readBackupMemory } from '../../agent/backups/backup-memory.ts';
import { removeBackupOrder } from '../../agent/backups/backup-order.ts';
import { removeTree, withTree } from '../../agent/backups/backup-tree.ts';
import { queueBackup, queued, takeNext } from '../../agent/backups/queue.ts';
import { Repository } from '../../agent/backups/repository.ts';
import { uploadQueue } from '../../agent/backups/upload.ts';
import { ensureData, takeSnapshot } from '../../agent/data/subvolumes.ts';
import type { Layout } from '../../agent/store/layout.ts';
import type { BackupManifest } from '../../core/backups/backup.ts';
import { run, tryRun } from '../../system/run.ts';
import { backupLayout, backupManifest, backupOrder } from '../support/backup-order.ts';
import { mountBtrfs } from '../support/btrfs.ts';
import { scratch } from '../support/scratch.ts';
import { useServerRestic } from '../support/server-restic.ts';
import { SftpServer } from '../support/sftp-server.ts';

/** The queue and its upload for real: snapshots of btrfs, mounts, Debian 13's restic, and OpenSSH's server on loopback. */
let storage: SftpServer;
let volume: Awaited<ReturnType<typeof mountBtrfs>>;
let folders = 0;

before(async () => {
  await useServerRestic();
  storage = await SftpServer.start(scratch('sftp'));
  volume = await mountBtrfs();
});
after(async () => {
  await storage?.stop();
  await volume?.unmount();
});

/** A server with a service whose data is a subvolume, and backups in a folder of their own. */
async function server(changed: { port?: number } = {}): Promise<Layout> {
  const n = ++folders;
  const place = { ...storage.place, folder: `upload-${n}`, ...changed };
  const order = backupOrder(place, { 'backup-sftp-key': storage.key });
  const layout = backupLayout(scratch('server'), order, join(volume.root, `srv-${n}`));
  await ensureData(layout.data('gitea', 'files'), 2345);
  writeFileSync(join(layout.data('gitea', 'files'), 'a'), 'one');
  mkdirSync(layout.secrets('gitea'), { recursive: true });
  writeFileSync(layout.secret('gitea', 'key', 1), 'secret');
  mkdirSync(layout.release('gitea', 'abc'), { recursive: true });
  const bundle = { release: { service: 'gitea', images: {}, data: {} }, files: {} };
  writeFileSync(join(layout.release('gitea', 'abc'), 'bundle.json'), JSON.stringify(bundle));
  mkdirSync(layout.users, { recursive: true });
  writeFileSync(join(layout.users, 'users.json'), '{}');
  return layout;
}

/** What an operation does while the service is stopped. */
async function backUp(layout: Layout, op: string, changed: Partial<BackupManifest> = {}): Promise<boolean> {
  await takeSnapshot(layout.data('gitea', 'files'), layout.snapshot('gitea', op, 'files'));
  return queueBackup(layout, backupManifest(changed), op, join(layout.snapshots('gitea'), op));
}

const at = (day: number): string => `2026-11-${String(day).padStart(2, '0')}T03:30:00.000Z`;
const entries = (layout: Layout): string[] => queued(layout).map(({ entry }) => entry);

test('a backup is queued, sent with all that belongs to the service, and gone from the queue', async () => {
  const layout = await server();
  assert.equal(await backUp(layout, 'op-1'), true);
  assert.equal(await backUp(layout, 'op-1'), true, 'an operation that is continued queues it again');
  writeFileSync(join(layout.data('gitea', 'files'), 'a'), 'written since');
  rmSync(layout.release('gitea', 'abc'), { recursive: true });
  const report = await uploadQueue(layout);
  assert.deepEqual(
    report.sent.map(({ service }) => service),
    ['gitea', 'server'],
  );
  assert.deepEqual([report.failed, report.isBusy], [[], false]);
  assert.deepEqual(readdirSync(layout.backupQueue), []);
  const repository = Repository.open(layout) ?? assert.fail('no order');
  const backup = (await repository.newest('gitea')) ?? assert.fail('no backup');
  const restored = scratch('restored');
  await repository.restore(backup.id, [], restored);
  assert.deepEqual(readdirSync(restored), ['bundle.json', 'data', 'manifest.json', 'secrets']);
  const { bytes, ...manifest } = JSON.parse(
    await repository.read(backup.id, 'manifest.json'),
  ) as BackupManifest;
  assert.deepEqual(manifest, backupManifest());
  assert.ok((bytes?.files ?? 0) > 0);
  assert.equal(await repository.read(backup.id, 'data/files/a'), 'one', 'as it was at the snapshot');
  assert.equal(await repository.read(backup.id, 'secrets/key.1'), 'secret');
  const own = (await repository.newest('server')) ?? assert.fail('the server itself was not backed up');
  assert.equal(await repository.read(own.id, 'users/users.json'), '{}');
  assert.equal(readBackupMemory(layout).gitea?.success?.id, backup.id);
  assert.deepEqual((await uploadQueue(layout)).sent, [], 'nothing is sent where nothing waits');
});

test('of data that did not change nothing is read again', async () => {
  const layout = await server();
  writeFileSync(join(layout.data('gitea', 'files'), 'large'), 'x'.repeat(3_000_000));
  await backUp(layout, 'op-1', { at: at(1) });
  await uploadQueue(layout);
  await backUp(layout, 'op-2', { at: at(2) });
  await uploadQueue(layout);
  const env = { ...process.env, RESTIC_PASSWORD: 'password-of-ada' };
  const path = join(storage.home, `upload-${folders}`);
  const { stdout } = await run('restic', ['-r', path, 'snapshots', '--json', '--tag', 'service=gitea'], {
    env,
  });
  const [first, second] = JSON.parse(stdout) as {
    id: string;
    parent?: string;
    summary: { files_unmodified: number };
  }[];
  assert.equal(second?.parent, first?.id);
  assert.equal(second?.summary.files_unmodified, 3, 'two of the data, one secret');
});

test('nothing is queued without an order, and what waits goes when backups are removed', async () => {
  const layout = await server();
  await backUp(layout, 'op-1');
  removeBackupOrder(layout);
  assert.equal(await backUp(layout, 'op-2'), false);
  assert.deepEqual(entries(layout), ['op-1-gitea']);
  assert.deepEqual((await uploadQueue(layout)).sent, []);
  assert.deepEqual(readdirSync(layout.backupQueue), []);
});

test('what interrupted operations left is removed, and is never sent', async () => {
  const layout = await server();
  await backUp(layout, 'op-1');
  rmSync(join(layout.backupQueue, 'op-1-gitea/manifest.json'));
  assert.deepEqual(entries(layout), []);
  assert.deepEqual((await uploadQueue(layout)).sent, []);
  assert.deepEqual(readdirSync(layout.backupQueue), []);
});

test('of a service three wait at most: what was made before a change goes first, and what is being sent stays', async () => {
  const layout = await server();
  await backUp(layout, 'op-1', { at: at(1), why: 'before-change' });
  await backUp(layout, 'op-2', { at: at(2), why: 'nightly' });
  await backUp(layout, 'op-3', { at: at(3), why: 'before-change' });
  const sending = await takeNext(layout, () => true);
  assert.equal(sending?.entry, 'op-1-gitea');
  await backUp(layout, 'op-4', { at: at(4), why: 'before-change' });
  assert.deepEqual(entries(layout), ['op-1-gitea', 'op-2-gitea', 'op-4-gitea']);
  assert.deepEqual(readBackupMemory(layout).gitea?.dropped, { at: at(3) });
  await backUp(layout, 'op-5', { at: at(5), why: 'nightly' });
  await backUp(layout, 'op-6', { at: at(6), why: 'nightly' });
  assert.deepEqual(entries(layout), ['op-1-gitea', 'op-5-gitea', 'op-6-gitea']);
  assert.equal((await uploadQueue(layout)).sent.length, 4);
});

test('what could not be sent waits, is counted once for each run, and is sent when the storage is back', async () => {
  const layout = await server({ port: 1 });
  await backUp(layout, 'op-1', { at: at(1) });
  await backUp(layout, 'op-2', { at: at(2) });
  const { failed } = await uploadQueue(layout);
  assert.deepEqual(
    failed.map(({ service }) => service),
    ['gitea'],
  );
  assert.match(failed[0]!.why, /can't be reached: nothing listens/);
  await uploadQueue(layout);
  assert.equal(readBackupMemory(layout).gitea?.failure?.times, 2);
  assert.equal(entries(layout).length, 2);
  const file = join(layout.backupSettings, 'order.json');
  const order = JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof backupOrder>;
  order.settings.place = { ...storage.place, folder: `upload-${folders}` };
  writeFileSync(file, JSON.stringify(order));
  assert.equal((await uploadQueue(layout)).sent.length, 3);
  assert.equal(readBackupMemory(layout).gitea?.failure, undefined);
  assert.equal(readBackupMemory(layout).gitea?.success?.at, at(2));
});

test('a tree that a killed run left is unmounted, and nothing of what was mounted is deleted', async () => {
  const layout = await server();
  const tree = layout.backupTree('gitea');
  const data = layout.data('gitea', 'files');
  mkdirSync(join(tree, 'data/files'), { recursive: true });
  await run('mount', ['--bind', data, join(tree, 'data/files')]);
  await run('mount', ['--bind', layout.secrets('gitea'), join(tree, 'data/files')]);
  await withTree(tree, [{ path: 'data/files', from: data }], async () => {
    assert.equal(readFileSync(join(tree, 'data/files/a'), 'utf8'), 'one');
    const written = await tryRun('sh', ['-c', `echo two > ${join(tree, 'data/files/a')}`]);
    assert.notEqual(written.code, 0, 'it is read-only');
  });
  assert.ok(!existsSync(tree));
  await removeTree(tree);
  assert.equal(statSync(join(data, 'a')).size, 3);
  assert.ok(existsSync(layout.secret('gitea', 'key', 1)));
});
