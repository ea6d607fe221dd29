import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requiredMailboxes } from '../mail/mailboxes.ts';
import { userName } from './user.ts';

const said = (name: string): string => userName.safeParse(name).error?.issues[0]?.message ?? '';

test('a name is one that addresses, files and web addresses can have', () => {
  for (const name of ['ada', 'ada.lovelace', 'ada-2', 'a_b', 'a'.repeat(32)])
    assert.equal(said(name), '', name);
  for (const name of [
    'Ada',
    '1ada',
    'ada..b',
    '.ada',
    'ada-',
    'ada lovelace',
    'ädä',
    "o'hara",
    'ada\n',
    'ada+x',
  ])
    assert.match(said(name), /^must start with a letter and contain only/, name);
  for (const name of ['ada@example.org', 'ada%x', 'ada!x', 'ada,bob', 'ada/x', '*', ''])
    assert.match(said(name), /^must start with a letter and contain only/, name);
  assert.match(said('a'), /^is too short/);
  assert.match(said('a'.repeat(33)), /^is too long/);
});

test('a name hides no mailbox that a domain must have', () => {
  for (const address of requiredMailboxes(['example.org']))
    assert.match(said(address.split('@')[0]!), /^is reserved for the operator/, address);
  assert.match(said('haven-check'), /^is reserved for this cloud/);
});
