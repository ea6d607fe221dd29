import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { queueBackup } from '../../agent/backups/queue.ts';
import { recoverData } from '../../agent/backups/recover-data.ts';
import { Repository } from '../../agent/backups/repository.ts';
import { uploadQueue } from '../../agent/backups/upload.ts';
import { ensureData, takeSnapshot } from '../../agent/data/subvolumes.ts';
import { writeDurably } from '../../agent/store/bundle-store.ts';
import type { Layout } from '../../agent/store/layout.ts';
import { ensureSecrets, secretOf } from '../../agent/store/secrets.ts';
import { ownPassword } from '../../core/mail/own-account.ts';
import { tryRun } from '../../system/run.ts';
import { backupLayout, backupManifest, backupOrder } from '../support/backup-order.ts';
import { mountBtrfs } from '../support/btrfs.ts';
import { plainBundle } from '../support/plain-bundle.ts';
import { scratch } from '../support/scratch.ts';
import { useServerRestic } from '../support/server-restic.ts';
import { SftpServer } from '../support/sftp-server.ts';

/** What a new server gets back, for real: subvolumes of btrfs, Debian 13's restic, and OpenSSH's server on loopback. */
let storage: SftpServer;
let volume: Awaited<ReturnType<typeof mountBtrfs>>;

before(async () => {
  await useServerRestic();
  storage = await SftpServer.start(scratch('sftp'));
  volume = await mountBtrfs();
});
after(async () => {
  await storage?.stop();
  await volume?.unmount();
});

/** A server on a volume of its own; both back up to the same place. */
const server = (name: string, folder = 'cloud'): Layout => {
  const order = backupOrder({ ...storage.place, folder }, { 'backup-sftp-key': storage.key });
  return backupLayout(scratch(name), order, join(volume.root, name));
};

/** A service's data as its program keeps it, with owners and rights of its own, and its secrets. */
async function fill(layout: Layout): Promise<void> {
  const data = layout.data('gitea', 'files');
  await ensureData(data, 2345);
  mkdirSync(join(data, 'inner'));
  writeFileSync(join(data, 'inner/a'), 'one');
  chownSync(join(data, 'inner/a'), 2346, 2346);
  chmodSync(data, 0o750);
  // Empty, as a database is before its first start.
  await ensureData(layout.data('gitea', 'empty'), 2347);
  writeDurably(layout.secret('gitea', 'password', 1), 'pw', 0o400);
  for (const { release } of [sender, login]) await ensureSecrets(layout, release);
  writeDurably(join(layout.users, 'mirror.json'), '["ada"]');
  writeDurably(join(layout.root, 'secrets/authority.pem'), 'KEY-----BEGIN CERTIFICATE-----ours', 0o400);
}

/** Services with one password for the cloud's own email: one whose program has a copy of it, and the login, which sends with it. */
const shared = { generation: 1, shared: true };
const sender = plainBundle('gitea', { secrets: { [ownPassword]: { ...shared, readers: { app: 2345 } } } });
const login = plainBundle('login', { secrets: { [ownPassword]: { ...shared, readers: {} } } });

async function backUp(layout: Layout): Promise<void> {
  const names = ['files', 'empty'];
  for (const name of names)
    await takeSnapshot(layout.data('gitea', name), layout.snapshot('gitea', 'op-1', name));
  const manifest = backupManifest({ data: names, release: 'abc' });
  await queueBackup(layout, manifest, 'op-1', join(layout.snapshots('gitea'), 'op-1'));
  const { failed } = await uploadQueue(layout);
  assert.deepEqual(failed, []);
}

test('a new server gets data, secrets, users and its authority as they were, each data in a subvolume', async () => {
  const lost = server('lost');
  await fill(lost);
  await backUp(lost);

  const layout = server('new');
  assert.deepEqual(await recoverData(layout, Repository.open(layout)!), ['server', 'gitea']);
  const data = layout.data('gitea', 'files');
  assert.equal(readFileSync(join(data, 'inner/a'), 'utf8'), 'one');
  const look = (path: string) => {
    const { uid, gid, mode } = statSync(path);
    return [uid, gid, (mode & 0o777).toString(8)];
  };
  for (const path of ['data/files', 'data/files/inner/a', 'data/empty'])
    assert.deepEqual(
      look(join(layout.service('gitea'), path)),
      look(join(lost.service('gitea'), path)),
      path,
    );
  const isSubvolume = async (path: string) => (await tryRun('btrfs', ['subvolume', 'show', path])).code === 0;
  for (const name of ['files', 'empty']) assert.ok(await isSubvolume(layout.data('gitea', name)), name);
  const secret = layout.secret('gitea', 'password', 1);
  assert.equal(readFileSync(secret, 'utf8'), 'pw');
  assert.deepEqual(look(secret), look(lost.secret('gitea', 'password', 1)));
  assert.equal(readFileSync(join(layout.users, 'mirror.json'), 'utf8'), '["ada"]');
  assert.match(readFileSync(join(layout.root, 'secrets/authority.pem'), 'utf8'), /ours$/);
  assert.deepEqual(await recoverData(layout, Repository.open(layout)!), [], 'once');
});

test('the password that services share is in no backup: a new server makes another, and every service gets it', async () => {
  const lost = server('lost-sender', 'shared');
  await fill(lost);
  await backUp(lost);
  const former = secretOf(lost, login.release, ownPassword);

  const layout = server('new-sender', 'shared');
  await recoverData(layout, Repository.open(layout)!);
  const copy = `${layout.secret('gitea', ownPassword, 1)}.app`;
  assert.equal(readFileSync(copy, 'utf8'), former, 'the copy came back, and would be refused');
  assert.ok(!existsSync(layout.sharedSecret(ownPassword, 1)));
  for (const { release } of [login, sender]) await ensureSecrets(layout, release);
  const value = secretOf(layout, login.release, ownPassword);
  assert.notEqual(value, former);
  assert.equal(readFileSync(copy, 'utf8'), value);
});

test('a place that has no backups is a failure, and nothing is brought back', async () => {
  const layout = server('without', 'nothing-here');
  await assert.rejects(() => recoverData(layout, Repository.open(layout)!));
  assert.ok(!existsSync(layout.services));
});
