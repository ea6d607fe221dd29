import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BackupManifest } from '../../core/backups/backup.ts';
import { backupLayout, backupManifest, backupOrder } from '../../test/support/backup-order.ts';
import { scratch } from '../../test/support/scratch.ts';
import { switchCurrent } from '../store/bundle-store.ts';
import { writeJson } from '../store/json-file.ts';
import { gatherBackupFacts } from './backup-facts.ts';
import { changeBackupMemory } from './backup-memory.ts';
import { readBackupStatus } from './backup-status.ts';

const place = {
  kind: 's3',
  endpoint: 'https://s3.example.com',
  bucket: 'ada-backups',
  folder: 'ada',
} as const;
const order = () => backupOrder(place, { 'backup-s3-key': 'secret-key' });

test('without an order nothing is expected', () => {
  const layout = backupLayout(scratch('facts'));
  assert.equal(gatherBackupFacts(layout), null);
  assert.deepEqual(readBackupStatus(layout), { settings: null, services: [] });
});

test('expects a backup of each service that runs and keeps data, also of one whose bundle is damaged', async () => {
  const layout = backupLayout(scratch('facts'), order());
  for (const service of ['gitea', 'removed']) mkdirSync(layout.data(service, 'files'), { recursive: true });
  for (const service of ['gitea', 'proxy']) switchCurrent(layout, service, 'abc');
  mkdirSync(layout.release('gitea', 'abc'), { recursive: true });
  writeFileSync(join(layout.release('gitea', 'abc'), 'bundle.json'), 'damaged');
  const queue = (op: string, manifest: BackupManifest) =>
    writeJson(join(layout.backupQueue, `${op}-${manifest.service}`, 'manifest.json'), manifest);
  queue('op-1', backupManifest());
  queue('op-2', backupManifest({ service: 'removed' }));
  await changeBackupMemory(layout, () => ({ removed: { restore: { at: backupManifest().at, id: 'b1' } } }));
  const facts = gatherBackupFacts(layout);
  assert.deepEqual(Object.keys(facts?.expected ?? {}).toSorted(), ['gitea', 'server']);
  assert.deepEqual(facts?.waiting.map(({ service }) => service).toSorted(), ['gitea', 'removed']);
  const { services, settings } = readBackupStatus(layout, Date.now() + 27 * 3_600_000);
  assert.deepEqual(
    services.map(({ service, problem }) => [service, problem !== undefined]),
    [
      ['gitea', true],
      ['removed', false],
      ['server', true],
    ],
  );
  assert.equal(settings?.haven, 'ada');
  assert.doesNotMatch(JSON.stringify(settings), /secret-key/);
});
