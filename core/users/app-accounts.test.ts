import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AppAccount, type AppAccountOwner, changesToAppAccounts } from './app-accounts.ts';

const user = (id: string, name: string, isLocked = false): AppAccountOwner => ({ id, name, isLocked });
const account = (name: string, owner: string | undefined, isLocked = false): AppAccount => ({
  name,
  owner,
  isLocked,
});

test('leaves accounts that are as their users are', () => {
  const users = [user('1', 'ada'), user('2', 'bob', true)];
  assert.deepEqual(changesToAppAccounts(users, [account('ada', '1'), account('bob', '2', true)]), []);
});

test('adds the account of a new user, locked if the user is disabled', () => {
  assert.deepEqual(changesToAppAccounts([user('1', 'ada'), user('2', 'bob', true)], []), [
    { change: 'add', name: 'ada', owner: '1', isLocked: false },
    { change: 'add', name: 'bob', owner: '2', isLocked: true },
  ]);
});

test('takes over an account from before, and deletes it where its user is gone', () => {
  const accounts = [account('ada', undefined), account('gone', undefined)];
  assert.deepEqual(changesToAppAccounts([user('1', 'ada', true)], accounts), [
    { change: 'delete', name: 'gone' },
    { change: 'set-owner', name: 'ada', owner: '1' },
    { change: 'lock', name: 'ada' },
  ]);
});

test('replaces the account of a removed user where the next one has the same name', () => {
  assert.deepEqual(changesToAppAccounts([user('2', 'ada')], [account('ada', '1')]), [
    { change: 'delete', name: 'ada' },
    { change: 'add', name: 'ada', owner: '2', isLocked: false },
  ]);
});

test('an account follows its renamed user, and frees the name for the next one', () => {
  const users = [user('1', 'countess'), user('2', 'ada')];
  assert.deepEqual(changesToAppAccounts(users, [account('ada', '1', true)]), [
    { change: 'unlock', name: 'ada' },
    { change: 'rename', name: 'ada', to: 'countess' },
    { change: 'add', name: 'ada', owner: '2', isLocked: false },
  ]);
});

test('an account waits for the name that another one still has', () => {
  const users = [user('1', 'bob'), user('2', 'carl')];
  assert.deepEqual(changesToAppAccounts(users, [account('ada', '1'), account('bob', '2')]), [
    { change: 'rename', name: 'bob', to: 'carl' },
  ]);
});

test('login checks have no account, nor has a name that the portal does not know', () => {
  assert.deepEqual(changesToAppAccounts([user('1', 'haven-check'), user('2', 'a+b,c')], []), []);
});
