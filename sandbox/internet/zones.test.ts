import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nibbles } from './zones.ts';

test('reverses addresses for reverse DNS', () => {
  assert.equal(
    nibbles('2001:db8:7a:10::1'),
    '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.a.7.0.0.8.b.d.0.1.0.0.2',
  );
});
