import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AddressBook, destinationOf, listAliases } from './address-book.ts';

const ada = { name: 'ada', email: 'lovelace@example.org', aliases: ['countess@example.org'] };
const eve = { name: 'eve', email: 'ada@second.example', aliases: ['board@example.org'] };
const club = { address: 'club@example.org', users: ['ada'], groups: ['board'], addresses: ['x@y.example'] };
const book: AddressBook = {
  users: [ada, eve],
  groups: ['board', 'club', 'staff'],
  forwards: [club, { address: '@example.org', users: ['eve'], groups: [], addresses: [] }],
};

test('lists what leads where, in the order of the alphabet; what is redirected is not listed as required', () => {
  assert.deepEqual(
    listAliases(book, ['postmaster@example.org', 'countess@example.org'], 'admins').map(
      ({ address, kind, to }) => [address, kind, ...to],
    ),
    [
      ['@example.org', 'catch-all', 'eve'],
      ['board@example.org', 'alias', 'eve'],
      ['club@example.org', 'forward', 'ada', 'board', 'x@y.example'],
      ['countess@example.org', 'alias', 'ada'],
      ['postmaster@example.org', 'required', 'admins'],
    ],
  );
});

test('finds what an address leads to in the order of the mail server: name, address, forward, group', () => {
  const find = (address: string) => destinationOf(book, ['example.org', 'second.example'], address);
  assert.deepEqual(find('ada@second.example'), { user: ada }, 'although it is also the address of another');
  assert.deepEqual(find('lovelace@example.org'), { user: ada });
  assert.deepEqual(find('board@example.org'), { user: eve });
  assert.deepEqual(find('club@example.org'), { forward: club });
  assert.deepEqual(find('staff@second.example'), { group: 'staff' });
  assert.equal(find('nobody@example.org'), undefined, 'a catch-all is not meant');
  assert.equal(find('ada@elsewhere.example'), undefined);
});
