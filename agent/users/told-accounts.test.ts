import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LdapAccount } from '../effects/ldap-users.ts';
import { afterTelling, reasonsById, type ToldAccounts, textOf, untold } from './told-accounts.ts';

const account = (id: string, name: string): LdapAccount => ({
  id,
  name,
  email: `${name}@example.org`,
  fullName: name,
});
const ada = account('1', 'ada');
const eve = account('2', 'eve');
const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 0, minutes));
const none = new Map<string, string>();

/** What a service knows after it was told these, and refused some. */
const told = (accounts: LdapAccount[], reasons = none, before?: ToldAccounts): ToldAccounts =>
  afterTelling(before, { hash: 'r1', accounts, told: accounts, reasons, now: at(0) });
const due = (known: ToldAccounts | undefined, hash: string, accounts: LdapAccount[], minutes = 1) =>
  untold(known, hash, accounts, at(minutes)).map(({ name }) => name);

test('a service that was told nothing, or another release of it, is told all accounts', () => {
  assert.deepEqual(due(undefined, 'r1', [ada, eve]), ['ada', 'eve']);
  assert.deepEqual(due(told([ada, eve]), 'r2', [ada, eve]), ['ada', 'eve']);
});

test('it is told of new accounts only, and of a changed name or address', () => {
  assert.deepEqual(due(told([ada]), 'r1', [ada, eve]), ['eve']);
  assert.deepEqual(due(told([ada, eve]), 'r1', [ada, eve]), []);
  assert.deepEqual(due(told([ada, eve]), 'r1', [account('1', 'lovelace'), eve]), ['lovelace']);
});

test('a new user with the name of a removed one is told, because the entry is another', () => {
  assert.deepEqual(due(told([ada]), 'r1', [account('3', 'ada')]), ['ada']);
});

test('an account that was refused is tried again after ten minutes, or at once when it has changed', () => {
  const known = told([ada, eve], new Map([['2', 'an organization has the name eve']]));
  assert.deepEqual(known.refused['2'], { told: textOf(eve), reason: 'an organization has the name eve' });
  assert.deepEqual(due(known, 'r1', [ada, eve], 9), []);
  assert.deepEqual(due(known, 'r1', [ada, eve], 10), ['eve']);
  assert.deepEqual(due(known, 'r1', [ada, account('2', 'evelyn')], 1), ['evelyn']);
});

test('what was told stays known after the next run, and an account that is gone is forgotten', () => {
  const known = afterTelling(told([ada, eve]), {
    ...{ hash: 'r1', accounts: [eve, account('3', 'ida')], told: [account('3', 'ida')] },
    ...{ reasons: none, now: at(1) },
  });
  assert.deepEqual(Object.keys(known.known), ['2', '3']);
});

test("the hook's answer is read by sub; a line about anyone else is ignored", () => {
  const bySubject = new Map([['sub-of-eve', eve]]);
  const printed = 'sub-of-eve\tthe name is taken\nsub-of-mallory\tx\nnoise\n';
  assert.deepEqual([...reasonsById(printed, bySubject)], [['2', 'the name is taken']]);
  assert.deepEqual([...reasonsById('sub-of-eve\n', bySubject)], [['2', 'the service gives no reason']]);
});

test('a tab or a line feed in a name does not separate', () => {
  assert.equal(textOf({ ...ada, fullName: 'Ada\tx\nsub-2' }), 'ada\tada@example.org\tAda x sub-2');
});
