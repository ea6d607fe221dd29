import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Attribute, Change, ConstraintViolationError } from 'ldapts';
import { addAlias, addForward, readAddressBook } from '../../agent/effects/ldap-addresses.ts';
import { addEntry, join, userDn } from '../../agent/effects/ldap-users.ts';
import { type AliasAnswer, answerAliases } from '../../agent/users/aliases.ts';
import type { Alias } from '../../core/addresses/address-book.ts';
import { Slapd } from '../support/slapd.ts';

/** `haven alias` as the agent answers it, against the real slapd with its permissions and rules. */
const domains = ['example.org'];
let slapd: Slapd;
before(async () => {
  slapd = await Slapd.start('aliases');
  await slapd.asAgent(async (client) => {
    for (const name of ['ada', 'bob', 'haven-check'])
      await addEntry(client, { name, givenName: name, surname: 'X', groups: [] }, `${name}@example.org`);
    await join(client, 'bob', 'board');
  });
});
after(() => slapd?.stop());

const change = (request: { ask: 'alias-add'; to: string[] } | { ask: 'alias-remove' }, address: string) =>
  slapd.asAgent(
    async (client) => (await answerAliases(client, { ...request, address, domains })) as AliasAnswer,
  );
const add = (address: string, ...to: string[]) => change({ ask: 'alias-add', to }, address);
const remove = (address: string) => change({ ask: 'alias-remove' }, address);
/** Those that were added, with where they lead. */
const added = async () => {
  const all = await slapd.asAgent(
    async (client) => (await answerAliases(client, { ask: 'aliases', domains })) as Alias[],
  );
  return Object.fromEntries(
    all.filter(({ kind }) => kind !== 'required').map(({ address, to }) => [address, to]),
  );
};
const whatIsWrong = (answer: AliasAnswer): string =>
  'problems' in answer ? answer.problems.map(({ what }) => what).join(' ') : 'nothing';

test('an address is added, listed and removed: of a user, a forward, and a catch-all', async () => {
  for (const [address, ...to] of [
    ['countess@example.org', 'ada'],
    ['club@example.org', 'ada', 'board', 'friend@elsewhere.example'],
    ['@example.org', 'bob'],
  ] as const) {
    for (const _ of ['once', 'again']) {
      const answer = await add(address, ...to);
      assert.ok('alias' in answer, whatIsWrong(answer));
      assert.deepEqual(answer.alias.to, to);
    }
    assert.deepEqual((await added())[address], to);
  }
  for (const address of ['countess@example.org', 'CLUB@example.org', '@example.org'])
    assert.equal(whatIsWrong(await remove(address)), 'nothing');
  assert.deepEqual(await added(), {});
});

test('what is not an alias is not removed, and it says what it is', async () => {
  assert.match(whatIsWrong(await remove('ada@example.org')), /it is the address of ada/);
  assert.match(whatIsWrong(await remove('board@example.org')), /it is the address of the group board/);
  assert.match(whatIsWrong(await remove('postmaster@example.org')), /an address that a domain must have/);
  assert.match(whatIsWrong(await remove('nobody@example.org')), /is not an alias of this cloud/);
});

test('an account of the login checks is not a user to whom an address can lead', async () => {
  assert.match(whatIsWrong(await add('new@example.org', 'haven-check')), /no such user/);
});

test('a required address can be redirected, and leads to the administrators again', async () => {
  await add('postmaster@example.org', 'ada');
  assert.deepEqual((await added())['postmaster@example.org'], ['ada']);
  assert.equal(whatIsWrong(await remove('postmaster@example.org')), 'nothing');
  assert.deepEqual(await added(), {});
});

test('LDAP itself refuses an alias that another entry has, and a main address that another has', async () => {
  await add('countess@example.org', 'ada');
  await slapd.asAgent(async (client) => {
    await assert.rejects(addAlias(client, 'Countess@example.org', 'bob'), ConstraintViolationError);
    const forward = { address: 'countess@example.org', users: ['bob'], groups: [], addresses: [] };
    await assert.rejects(addForward(client, forward), ConstraintViolationError);
    const mail = new Attribute({ type: 'mail', values: ['ada@example.org'] });
    await assert.rejects(
      client.modify(userDn('bob'), new Change({ operation: 'replace', modification: mail })),
      ConstraintViolationError,
    );
  });
  await remove('countess@example.org');
});

test('addresses follow a user who is renamed, and go with one who is removed', async () => {
  await slapd.asAgent((client) =>
    addEntry(client, { name: 'mira', givenName: 'M', surname: 'X', groups: [] }, 'mira@example.org'),
  );
  await add('sea@example.org', 'mira');
  await add('team@example.org', 'mira', 'ada');
  await add('only@example.org', 'mira', 'mira@example.org', 'friend@elsewhere.example');
  await slapd.asAgent((client) => client.modifyDN(userDn('mira'), 'uid=miranda'));
  assert.deepEqual((await added())['team@example.org'], ['ada', 'miranda']);
  await slapd.asAgent((client) => client.del(userDn('miranda')));
  assert.deepEqual(await added(), {
    'team@example.org': ['ada'],
    'only@example.org': ['friend@elsewhere.example'],
  });
  const { forwards } = await slapd.asAgent(readAddressBook);
  assert.deepEqual(forwards.find(({ address }) => address === 'team@example.org')?.users, ['ada']);
});
