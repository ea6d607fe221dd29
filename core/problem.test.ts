import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './problem.ts';

test('suggests the nearest name, or none', () => {
  assert.equal(nearest('webstie', ['website', 'gitea']), 'website');
  assert.equal(nearest('nonsense', ['website', 'gitea']), undefined);
});
