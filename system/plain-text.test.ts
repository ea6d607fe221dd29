import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainText } from './plain-text.ts';

test('removes what a terminal obeys and keeps the words', () => {
  assert.equal(plainText('\u001b[31mAll\u001b[0m is\r\nwell\u0007', 80), 'All is well');
  assert.equal(plainText('a\u001b]0;title\u0007b\u009b2Jc\u007fd\be', 80).includes('\u001b'), false);
  assert.doesNotMatch(plainText('a\u001b]0;title\u0007b\u009b2Jc\u007fd\be\u001bP', 80), /\p{Cc}/u);
  assert.equal(plainText('abc\u202ecba', 80), 'abc cba');
  assert.equal(plainText('Anmelden für Zoë', 80), 'Anmelden für Zoë');
});

test('cuts a long text', () => {
  assert.equal(plainText('abcdef', 6), 'abcdef');
  assert.equal(plainText('abcdefg', 6), 'abcdef...');
  assert.equal(plainText('a'.repeat(5_000_000), 10), 'aaaaaaaaaa...');
});
