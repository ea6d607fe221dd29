import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { S3Place } from '../../core/backups/backup-place.ts';
import type { BackupOrder } from '../../core/backups/backup-settings.ts';
import { scratch } from '../../test/support/scratch.ts';
import { Layout } from '../store/layout.ts';
import { backupCommands } from './backup-commands.ts';
import { readBackupOrder, readBackupSettings } from './backup-order.ts';

const place: S3Place = {
  kind: 's3',
  endpoint: 'https://s3.example.com',
  bucket: 'ada',
  folder: 'club-1234',
};
const order: BackupOrder = {
  settings: {
    haven: 'club-1234',
    place,
    time: '03:30',
    timeZone: 'UTC',
    keep: { days: 7, weeks: 5, months: 12 },
    secrets: { 'backup-s3-key': 1, 'backup-s3-secret': 1, 'backup-password': 0 },
  },
  secrets: {
    'backup-s3-key': 'key-value',
    'backup-s3-secret': 'secret-value',
    'backup-password': 'pw-value',
  },
};

/** A server that is sent orders, as the agent is called. */
function server() {
  const folder = join(scratch('backups'), 'kept');
  process.env.HAVEN_BACKUPS = folder;
  const layout = new Layout(scratch('volume'));
  const call = (name: string, input?: BackupOrder) =>
    backupCommands(
      layout,
      async () => JSON.stringify(input),
      async () => undefined,
    )[name]!([]);
  return { folder, layout, call };
}

test('keeps settings and secrets where only root reads them, and tells the settings alone', async () => {
  const { folder, layout, call } = server();
  assert.equal(readBackupSettings(layout), null);
  assert.deepEqual(await call('backup-put', order), order.settings);
  assert.deepEqual(readBackupOrder(layout), order);
  const file = join(folder, 'order.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.match(readFileSync(file, 'utf8'), /pw-value/);
  assert.doesNotMatch(JSON.stringify(readBackupSettings(layout)), /-value/);
});

test('a new place and new keys take the place of the former ones; nothing is left after a removal', async () => {
  const { layout, call } = server();
  await call('backup-put', order);
  const next: BackupOrder = {
    settings: { ...order.settings, place: { ...place, bucket: 'bob' } },
    secrets: { ...order.secrets, 'backup-s3-key': 'other-value' },
  };
  await call('backup-put', next);
  assert.deepEqual(readBackupOrder(layout), next);
  assert.deepEqual(await call('backup-remove'), { removed: 'backups' });
  assert.deepEqual(await call('backup-remove'), { removed: 'backups' }, 'and again');
  assert.equal(readBackupOrder(layout), undefined);
});

test('refuses another password, with which no backup so far could be read', async () => {
  const { layout, call } = server();
  await call('backup-put', order);
  const other = { ...order, secrets: { ...order.secrets, 'backup-password': 'new-value' } };
  await assert.rejects(
    () => call('backup-put', other),
    /^Error: secrets\.age has another backup-password than this server.*Nothing was changed\. Use the secrets\.age of the folder/,
  );
  assert.deepEqual(readBackupOrder(layout), order);
});
