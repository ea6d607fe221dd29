import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeLedger } from './mail-ledger.ts';

test('an email that was accepted and is in no mailbox is lost; one that was not accepted and arrived is fine', () => {
  assert.deepEqual(judgeLedger(['a', 'b', 'c'], ['c', 'a', 'd']), { lost: ['b'], repeated: [] });
});

test('an email that is there more than once is repeated, once for each email', () => {
  assert.deepEqual(judgeLedger(['a', 'b'], ['a', 'b', 'a', 'b', 'b']), { lost: [], repeated: ['a', 'b'] });
});
