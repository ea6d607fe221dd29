import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockGap, describeClockGap } from './clock.ts';

test('reports clocks that differ, but not a slow answer', () => {
  assert.equal(clockGap(1000, 61_000, 65_000), undefined);
  assert.equal(clockGap(100_000, 69_000, 101_000), -31);
  assert.equal(clockGap(0, 3_600_500, 500), 3600);
  assert.match(describeClockGap(-31), /31 s behind/);
  assert.match(describeClockGap(3600), /60 min ahead of/);
  assert.match(describeClockGap(86_400), /24 h ahead of/);
});
