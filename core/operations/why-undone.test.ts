import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from './entries.ts';
import { whyUndone } from './why-undone.ts';

const at = '2026-01-01T00:00:00Z';
const operation = { id: '1', service: 'gitea', from: 'a', to: 'b', touchesPrograms: true };
const entries = (...more: Entry[]): Entry[] => [{ entry: 'open', at, operation }, ...more];
const failed: Entry = { entry: 'failed', at, op: '1', step: 'check', why: 'it answers 500' };
const finished = { entry: 'finished', at, op: '1', outcome: 'undone' } as const;

test('says what failed, and what runs now', () => {
  assert.equal(
    whyUndone('gitea', 'a', entries(failed, finished)),
    'gitea did not start, and the change was undone. The previous release is running again, with its data.\ncheck: it answers 500',
  );
  assert.match(whyUndone('gitea', null, entries(failed, finished)), /It was removed again\./);
  assert.match(whyUndone('gitea', 'a', entries(finished)), /it was interrupted$/);
});

test('says that the previous release does not work, and who aborted the change', () => {
  const abort: Entry = { entry: 'abort', at, op: '1', by: 'ada@laptop' };
  assert.equal(
    whyUndone('gitea', 'a', entries(abort, { ...finished, unwell: 'web ended with status 2' })),
    'gitea did not start, and the change was undone. The previous release is back, with its data, but it does not work: web ended with status 2\nit was aborted by ada@laptop',
  );
});
