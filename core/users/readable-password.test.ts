import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readablePassword } from './readable-password.ts';

test('makes a different password each time: four groups of four, without look-alike characters', () => {
  const many = Array.from({ length: 500 }, () => readablePassword());
  for (const each of many) assert.match(each, /^([a-kmnp-z2-9]{4}-){3}[a-kmnp-z2-9]{4}$/);
  assert.equal(new Set(many).size, many.length);
  for (const least of [19, 20, 24, 25, 64]) assert.ok(readablePassword(least).length >= least);
  assert.equal(new Set(many.join('').replaceAll('-', '')).size, 32, 'every character is used');
});
