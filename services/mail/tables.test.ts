import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tables } from './tables.ts';

test('no table answers for an address outside of the mail domains: a user’s address elsewhere must not lead here', () => {
  for (const [name, text] of Object.entries(tables(['example.org', 'example.net'])))
    assert.match(text, /^domain = example\.org, example\.net$/m, name);
});

test('no password is in a table: it is added on the server', () => {
  for (const text of Object.values(tables(['example.org']))) assert.doesNotMatch(text, /bind_pw/);
});
