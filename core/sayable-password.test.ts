import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sayablePassword } from './sayable-password.ts';

test('a password to be said has four groups of four, without letters that look alike, and is another each time', () => {
  const many = Array.from({ length: 500 }, () => sayablePassword());
  for (const each of many) assert.match(each, /^([a-kmnp-z2-9]{4}-){3}[a-kmnp-z2-9]{4}$/);
  assert.equal(new Set(many).size, many.length);
  for (const least of [19, 20, 24, 25, 64]) assert.ok(sayablePassword(least).length >= least);
  assert.equal(new Set(many.join('').replaceAll('-', '')).size, 32, 'all letters come');
});
