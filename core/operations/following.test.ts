import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from './entries.ts';
import { judgeFollowing } from './following.ts';

const at = '2026-01-01T00:00:00Z';
const open = (id: string): Entry => ({
  entry: 'open',
  at,
  operation: { id, service: 's', from: 'a', to: 'b', touchesPrograms: true },
});
const finished = (op: string): Entry => ({ entry: 'finished', at, op, outcome: 'undone' });

test('an operation waits for the one before it as long as its unit lives', () => {
  assert.equal(judgeFollowing([open('before')], 'mine', true), 'waiting');
  assert.equal(judgeFollowing([open('before')], 'mine', false), 'not begun');
  assert.equal(judgeFollowing([], 'mine', true), 'waiting');
  assert.equal(judgeFollowing([open('before'), finished('before'), open('mine')], 'mine', true), 'running');
});

test('an operation that began is followed to its end, also while no process works on it', () => {
  assert.equal(judgeFollowing([open('mine')], 'mine', false), 'running');
  assert.equal(judgeFollowing([open('mine'), finished('mine')], 'mine', false), 'finished');
});

test('an undo that fails again and again is followed no further', () => {
  const retry: Entry = { entry: 'retry', at, op: 'mine', step: 'stop-old', why: 'no space' };
  const journal: Entry[] = [
    open('mine'),
    { entry: 'do', at, op: 'mine', step: 'stop-old' },
    { entry: 'failed', at, op: 'mine', step: 'stop-old', why: 'no space' },
  ];
  assert.equal(judgeFollowing([...journal, retry, retry], 'mine', true), 'running');
  assert.equal(judgeFollowing([...journal, retry, retry, retry], 'mine', true), 'stuck');
});
