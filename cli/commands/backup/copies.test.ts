import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackedUp } from '../../../agent/operations/task-commands.ts';
import type { Backup } from '../../../core/backups/backup.ts';
import { fails, openCloud, succeeds, type } from '../../../test/support/typist.ts';

const yaml = 'backups:\n  s3: { endpoint: https://fsn1.your-objectstorage.com, bucket: ada-backups }';
const backup: Backup = {
  id: 'a'.repeat(64),
  service: 'website',
  at: '2026-11-28T02:30:00.000Z',
  release: 'b'.repeat(64),
  version: '2.11.9',
  data: ['files'],
  why: 'nightly',
};

/** A cloud that makes backups, with the secrets for that, and a server. */
async function openWithBackups(agent: Record<string, () => unknown>) {
  const cloud = await openCloud({ yaml, agent });
  await type(['secret', 'set', 'backup-s3-key'], { input: 'A'.repeat(20) });
  await type(['secret', 'set', 'backup-s3-secret'], { input: 'b'.repeat(40) });
  return cloud;
}

test('backs up now, and says of each service what became of it', async () => {
  const done: BackedUp[] = [{ service: 'website', backup: { id: backup.id, at: backup.at } }];
  const cloud = await openWithBackups({ 'backup-now': () => done });
  const { screen, json } = await succeeds('backup now', ['website']);
  assert.match(screen.stdout, /✔ website +backed up, as of 2026-11-28 03:30 CET\n/);
  assert.deepEqual(json, done);
  assert.deepEqual((JSON.parse(cloud.agent.asked[0]!.input) as { services: string[] }).services, ['website']);
  cloud.agent.answers['backup-now'] = () => [...done, { service: 'gitea', why: 'the bucket is full' }];
  const half = await type(['backup', 'now']);
  assert.match(half.stdout, /✖ gitea +not backed up: the bucket is full\n/);
  assert.equal(half.code, 1);
});

test('lists backups, newest first, in the time zone of the cloud', async () => {
  const older = { ...backup, at: '2026-07-01T01:30:00.000Z', why: 'before-change' } as const;
  await openWithBackups({ 'backup-list': () => [backup, older] });
  const { screen, json } = await succeeds('backup list', ['website']);
  assert.equal(
    screen.stdout,
    [
      '  2026-11-28 03:30 CET  website        2.11.9     nightly',
      '  2026-07-01 03:30 CEST  website        2.11.9     before a change',
      '',
    ].join('\n'),
  );
  assert.deepEqual(json, [backup, older]);
});

test('without a place for backups, says how to name one', async () => {
  await openCloud({ agent: {} });
  for (const command of ['now', 'list'])
    await fails(['backup', command], 'failed', /makes no backups\. Add "backups" to haven\.yaml/);
});
