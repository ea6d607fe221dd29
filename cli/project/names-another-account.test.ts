import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesAnotherAccount } from './names-another-account.ts';

const url = 'https://ca.example/acct/1';
const value = (account: string) => `ca.example; accounturi=${account}; validationmethods=http-01`;

test('finds a record that names another account, however its provider writes it', () => {
  for (const inputs of [
    { content: `0 issue ${JSON.stringify(value(url))}` },
    { data: { flags: 0, tag: 'issue', value: value(url) } },
    { content: 'v=spf1 -all' },
  ])
    assert.equal(namesAnotherAccount([{ type: 'record', inputs }], url), false, JSON.stringify(inputs));
  for (const other of [
    'https://ca.example/acct/12',
    'https://ca.example/acct',
    'https://other.example/acct/1',
  ]) {
    assert.ok(namesAnotherAccount([{ inputs: { content: `0 issue ${JSON.stringify(value(other))}` } }], url));
    assert.ok(namesAnotherAccount([{}, { outputs: { data: { value: value(other) } } }], url));
  }
});
