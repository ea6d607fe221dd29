import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeSpfLookUps } from './judge-spf-look-ups.ts';

test('an SPF record that takes too much is bad, and one that could not be counted is unknown', () => {
  assert.equal(judgeSpfLookUps('example.org', { count: 3 }).evidence, '3 of at most 10');
  assert.equal(judgeSpfLookUps('example.org', { count: 3, unknown: 'silent' }).result, 'unknown');
  const bad = judgeSpfLookUps('example.org', { count: 12, fault: 'too many', unknown: 'error' });
  assert.deepEqual([bad.result, bad.evidence], ['bad', 'too many']);
});
