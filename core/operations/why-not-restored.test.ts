import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, Operation } from './entries.ts';
import { whyNotRestored } from './why-not-restored.ts';

const at = '2026-11-29T10:00:00.000Z';
const operation: Operation = {
  ...{ id: 'o', service: 'gitea', from: 'a', to: 'a', touchesPrograms: true },
  task: { kind: 'restore', source: { backup: 'b' }, at },
};
const open: Entry = { entry: 'open', at, operation };
const finished: Entry = { entry: 'finished', at, op: 'o', outcome: 'undone' };

test('a restore that fetched nothing changed nothing', () => {
  const entries: Entry[] = [
    open,
    { entry: 'failed', at, op: 'o', step: 'fetch', why: 'the storage can not be reached' },
    finished,
  ];
  assert.equal(
    whyNotRestored('gitea', entries),
    'the data of the backup could not be fetched. Nothing was changed, and gitea runs.\nfetch: the storage can not be reached',
  );
});

test('a restore whose program does not start says what runs now', () => {
  const entries: Entry[] = [
    open,
    { entry: 'did', at, op: 'o', step: 'fetch' },
    { entry: 'failed', at, op: 'o', step: 'start', why: 'app ended with status 1' },
    finished,
  ];
  assert.equal(
    whyNotRestored('gitea', entries),
    'gitea did not start with the data of the backup, and the restore was undone. gitea runs again, with the data from before.\nstart: app ended with status 1',
  );
});
