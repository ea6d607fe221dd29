import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backedUp } from './backed-up.ts';

test('what a program fetches again is in no backup, and everything else is, also what a release no longer names', () => {
  const kept = { rollback: 'never', uid: 2080 } as const;
  const data = { mailboxes: kept, signatures: { ...kept, backup: false } as const };
  assert.deepEqual(backedUp({ data }, ['mailboxes', 'signatures', 'former']), ['mailboxes', 'former']);
});
