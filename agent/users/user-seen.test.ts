import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scratch } from '../../test/support/scratch.ts';
import { Layout } from '../store/layout.ts';
import { noteSwitched, readSeen, writeSeen } from './user-seen.ts';

test('a change made on both sides counts as seen', () => {
  const layout = new Layout(scratch('seen'));
  noteSwitched(layout, 'ada', false);
  assert.equal(readSeen(layout), undefined, 'there is nothing to compare with before the first look');
  writeSeen(layout, { off: ['bob'], eventsUntil: '2026-01-02T03:04:05Z' });
  noteSwitched(layout, 'ada', false);
  noteSwitched(layout, 'ada', false);
  assert.deepEqual(readSeen(layout)?.off, ['ada', 'bob']);
  noteSwitched(layout, 'bob', true);
  assert.deepEqual(readSeen(layout), { off: ['ada'], eventsUntil: '2026-01-02T03:04:05Z' });
});
