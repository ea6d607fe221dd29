import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOlder } from './advisories.ts';

test('versions are compared number by number, not as text', () => {
  assert.equal(isOlder('1.9.0', '1.10.0'), true);
  assert.equal(isOlder('1.35', '1.35.3'), true);
  assert.equal(isOlder('1.35.3', '1.35.3'), false);
  assert.equal(isOlder('1.37.0-alpine', '1.35.5'), false);
});
