import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AliasAnswer, AliasRequest } from '../../../agent/users/aliases.ts';
import type { Alias } from '../../../core/addresses/address-book.ts';
import { testServices } from '../../../test/support/owner.ts';
import { fails, openCloud, succeeds } from '../../../test/support/typist.ts';

const aliases: Alias[] = [
  { address: '@example.org', kind: 'catch-all', to: ['ada'] },
  { address: 'club@example.org', kind: 'forward', to: ['ada', 'friend@example.com'] },
  { address: 'countess@example.org', kind: 'alias', to: ['ada'] },
  { address: 'old@example.org', kind: 'forward', to: [] },
  { address: 'postmaster@example.org', kind: 'required', to: ['admins'] },
];

/** A cloud with users, with mail if `services` has it; the agent knows these aliases and refuses every other change. */
async function withAliases(services = ['gitea', 'postbox']) {
  const problem = (where: string) => ({ where, what: 'is wrong.', remedy: 'Choose another.' });
  const answer = (request: AliasRequest): Alias[] | AliasAnswer => {
    if (request.ask === 'aliases') return aliases;
    const alias = aliases.find(({ address }) => address === request.address);
    return alias ? { alias } : { problems: [problem(request.address), problem('--to')] };
  };
  const cloud = await openCloud({
    services,
    agent: { user: (_, input) => answer(JSON.parse(input)) },
  });
  process.env.HAVEN_SERVICES = testServices;
  return () => cloud.agent.asked.map(({ input }) => JSON.parse(input) as AliasRequest);
}

test('lists addresses and where their email goes', async () => {
  await withAliases();
  const { screen, json } = await succeeds<Alias[]>('alias list');
  assert.deepEqual(json, aliases);
  assert.match(screen.stdout, /^ {2}@example\.org {12}ada {3}\(every other address of the domain\)$/m);
  assert.match(screen.stdout, /^ {2}club@example\.org +ada, friend@example\.com$/m);
  assert.match(screen.stdout, /^ {2}old@example\.org +nobody: email to it is refused$/m);
  assert.match(screen.stdout, /^ {2}postmaster@example\.org +admins {3}\(required; you can redirect it\)$/m);
});

test('adds an address with all of its destinations', async () => {
  const asked = await withAliases();
  const typed = ['club@example.org', '--to', 'ada', '--to', 'friend@example.com'];
  const { screen, json } = await succeeds('alias add', typed);
  assert.deepEqual(json, aliases[1]);
  assert.match(screen.stdout, /Email to club@example\.org goes to ada, friend@example\.com\./);
  assert.deepEqual(asked()[0], {
    ask: 'alias-add',
    address: 'club@example.org',
    to: ['ada', 'friend@example.com'],
    domains: ['example.org'],
  });
  const catchAll = await succeeds('alias add', ['@example.org', '--to', 'ada']);
  assert.match(catchAll.screen.stdout, /Email to any other address in example\.org goes to ada\./);
});

test('reports everything that is wrong at once', async () => {
  await withAliases();
  const said = /new@example\.org: is wrong\. Choose another\.[\s\S]*--to: is wrong/;
  await fails(['alias', 'add', 'new@example.org', '--to', 'adaa'], 'failed', said);
  await fails(['alias', 'add', 'new@example.org'], 'failed', said);
});

test('removes an address', async () => {
  const asked = await withAliases();
  const { screen, json } = await succeeds('alias remove', ['club@example.org']);
  assert.deepEqual(json, aliases[1]);
  assert.match(screen.stdout, /Email to club@example\.org no longer goes to ada, friend@example\.com\./);
  assert.deepEqual(asked()[0], {
    ask: 'alias-remove',
    address: 'club@example.org',
    domains: ['example.org'],
  });
  await fails(['alias', 'remove', 'new@example.org'], 'failed', /new@example\.org: is wrong/);
});

test('without mail an address can be removed, and not added', async () => {
  await withAliases(['gitea']);
  await fails(['alias', 'add', 'club@example.org', '--to', 'ada'], 'failed', /no service for mail/);
  await succeeds('alias remove', ['club@example.org']);
});
