import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Operation, RestoreTask } from '../../core/operations/entries.ts';
import { scratch } from '../../test/support/scratch.ts';
import { Layout } from '../store/layout.ts';
import { restoredNames } from './restore-data.ts';

test('a restore brings all data but what stays as it is, from a backup and from a snapshot', () => {
  const layout = new Layout(scratch('restored'), scratch('run'));
  const data = {
    queue: { rollback: 'never', uid: 1, atRestore: 'stays' },
    boxes: { rollback: 'never', uid: 1 },
  };
  mkdirSync(layout.release('mail', 'abc'), { recursive: true });
  writeFileSync(join(layout.release('mail', 'abc'), 'bundle.json'), JSON.stringify({ release: { data } }));
  const folders = [join(layout.fetched('mail'), 'data'), join(layout.snapshots('mail'), 'op-1')];
  for (const folder of folders)
    for (const name of Object.keys(data)) mkdirSync(join(folder, name), { recursive: true });
  const restored = (source: RestoreTask['source']) => {
    const task: RestoreTask = { kind: 'restore', source, at: '2026-11-29T00:00:00Z' };
    const operation: Operation = {
      id: 'op-2',
      service: 'mail',
      from: 'abc',
      to: 'abc',
      touchesPrograms: true,
      task,
    };
    return restoredNames(layout, operation);
  };
  assert.deepEqual(restored({ backup: 'b' }), ['boxes']);
  assert.deepEqual(restored({ snapshot: 'op-1' }), ['boxes']);
});
