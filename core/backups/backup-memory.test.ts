import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BackupMemory,
  rememberDropped,
  rememberFailure,
  rememberRestore,
  rememberSuccess,
} from './backup-memory.ts';

const success = (day: number) => ({ at: `2026-11-0${day}T03:30:00.000Z`, id: `b${day}`, bytes: 1 });
const failure = (why: string) => ({ at: '2026-11-05T03:30:00.000Z', why });

test('failures are counted in a row, and a success ends them', () => {
  let memory: BackupMemory = rememberSuccess({}, 'gitea', success(1));
  memory = rememberFailure(memory, 'gitea', failure('first'));
  memory = rememberFailure(memory, 'gitea', failure('second'));
  assert.deepEqual(memory, {
    gitea: { success: success(1), failure: { ...failure('second'), times: 2 } },
  });
  assert.deepEqual(rememberSuccess(memory, 'gitea', success(2)), { gitea: { success: success(2) } });
});

test('an older backup that is sent later does not take the place of a newer one', () => {
  const memory = rememberFailure(rememberSuccess({}, 'gitea', success(3)), 'gitea', failure('full'));
  assert.deepEqual(rememberSuccess(memory, 'gitea', success(2)), { gitea: { success: success(3) } });
});

test('what is remembered of one service changes nothing of another, or of anything else', () => {
  const before = rememberSuccess({}, 'gitea', success(1));
  const restore = { at: '2026-11-06T00:00:00.000Z', id: 'b1' };
  const memory = rememberDropped(rememberRestore(before, 'website', restore), 'website', success(4).at);
  assert.deepEqual(memory, {
    gitea: { success: success(1) },
    website: { restore, dropped: { at: success(4).at } },
  });
});
