import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longestFirst } from './longest-first.ts';

test('files that took longest are begun first, after those whose time is not known', () => {
  const files = ['a', 'b', 'c', 'd', 'e'];
  assert.deepEqual(longestFirst(files, { a: 3, c: 60, e: 9 }), ['b', 'd', 'c', 'e', 'a']);
  assert.deepEqual(longestFirst(files, {}), files);
});
