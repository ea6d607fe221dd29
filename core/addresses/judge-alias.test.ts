import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderProblem } from '../problem.ts';
import type { AddressBook } from './address-book.ts';
import { judgeAlias, nameProblem } from './judge-alias.ts';

const domains = ['example.org', 'second.example'];
const book: AddressBook = {
  users: [
    { name: 'ada', email: 'ada@example.org', aliases: ['countess@example.org', 'rosa@example.org'] },
    { name: 'bob', email: 'bob@elsewhere.example', aliases: [] },
  ],
  groups: ['board'],
  forwards: [
    {
      address: 'club@example.org',
      users: ['bob'],
      groups: ['board'],
      addresses: ['friend@elsewhere.example'],
    },
    { address: 'all@example.org', users: [], groups: [], addresses: ['club@example.org'] },
    { address: 'empty@example.org', users: [], groups: [], addresses: [] },
  ],
};

const judge = (address: string, ...to: string[]) => judgeAlias({ address, to }, domains, book);
const problems = (address: string, ...to: string[]): string[] => {
  const judged = judge(address, ...to);
  return 'problems' in judged ? judged.problems.map(renderProblem) : [];
};
const added = (address: string, ...to: string[]) => {
  const judged = judge(address, ...to);
  assert.ok('alias' in judged, JSON.stringify(judged));
  return judged.alias;
};

test('another address of one user is theirs, whatever it is called by', () => {
  const alias = { isThere: false, address: 'lovelace@second.example', user: 'ada' };
  for (const to of ['ada', 'Ada', 'ADA@example.org', 'ada@second.example', 'countess@example.org'])
    assert.deepEqual(added(' Lovelace@Second.example', to), alias, to);
  assert.deepEqual(added('lovelace@second.example', 'ada', 'ada@example.org', 'ada@second.example'), alias);
});

test('what goes to several, to a group or elsewhere is a forward, and so is a catch-all', () => {
  assert.deepEqual(
    added('team@example.org', 'ada', 'board', 'bob', 'Friend.x+y@ELSEWHERE.example', 'all@example.org'),
    {
      isThere: false,
      forward: {
        address: 'team@example.org',
        users: ['ada', 'bob'],
        groups: ['board'],
        addresses: ['Friend.x+y@elsewhere.example', 'all@example.org'],
      },
    },
  );
  const catchAll = { address: '@example.org', users: ['ada'], groups: [], addresses: [] };
  assert.deepEqual(added('@example.org', 'ada'), { isThere: false, forward: catchAll });
  assert.deepEqual(added('staff@example.org', 'board'), {
    isThere: false,
    forward: { address: 'staff@example.org', users: [], groups: ['board'], addresses: [] },
  });
});

test('an address that a domain must have can be redirected', () => {
  assert.deepEqual(added('postmaster@example.org', 'ada'), {
    isThere: false,
    address: 'postmaster@example.org',
    user: 'ada',
  });
});

test('exactly the same again changes nothing', () => {
  assert.ok(added('countess@example.org', 'ada').isThere);
  assert.ok(added('club@example.org', 'friend@elsewhere.example', 'board', 'bob').isThere);
});

test('an address that can not be one says what it may be', () => {
  const long = 'a'.repeat(65);
  for (const [address, said] of [
    ['club', /^club: is not an email address\. Write it in full, for example: haven alias add club@example/],
    ['a@b@example.org', /is not an email address/],
    ['', /^ADDRESS: is not an email address/],
    ['club@exmple.org', /\(example\.org, second\.example\)\. Did you mean "club@example\.org"\?/],
    ['club@gmail.test', /add "gmail\.test" to the option "domains" of mail in haven\.yaml/],
    ['*@example.org', /Run: haven alias add @example\.org --to ada$/],
    ['ada+x@example.org', /email to ada\+ANYTHING@example\.org already goes where ada@example\.org goes/],
    [`${long}@example.org`, /more than 64 characters before the @/],
    ['a b@example.org', /may have only lower-case letters, digits/],
    ['a..b@example.org', /may have only lower-case letters, digits/],
    ['victim%gmail.test@example.org', /may have only lower-case letters, digits/],
    ['srs0=x=y=gmail.test=bob@example.org', /may have only lower-case letters, digits/],
    ['ä@example.org', /may have only lower-case letters, digits/],
    ['haven-check@example.org', /reserved for this cloud/],
  ] as const) {
    const [first, ...more] = problems(address, 'ada');
    assert.match(first ?? '', said);
    assert.deepEqual(more, []);
  }
  const longest = [...domains, `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.example.org`];
  const judged = judgeAlias({ address: `${'x'.repeat(64)}@${longest[2]}`, to: ['ada'] }, longest, book);
  assert.ok('problems' in judged && /more than 254 characters/.test(judged.problems[0]!.what));
});

test('an address that is taken says whose it is, and how to free it', () => {
  for (const [address, said] of [
    ['bob@second.example', /^bob@second\.example: is the address of bob\. .* bob makes a filter/],
    ['board@example.org', /already leads to the members of the group board.* --join board/],
    [
      'countess@example.org',
      /already leads to ada\. To change it, first run: haven alias remove countess@example\.org/,
    ],
    ['CLUB@example.org', /already leads to bob, board, friend@elsewhere\.example\./],
    ['empty@example.org', /already leads to nobody\./],
  ] as const)
    assert.match(problems(address, 'someone@elsewhere.example').join('\n'), said);
});

test('where its email goes has to exist', () => {
  for (const [to, said] of [
    ['adaa', /^--to adaa: there is no such user or group\. Did you mean "ada"\?/],
    ['zebra', /To see all users, run: haven user list/],
    ['nobody@example.org', /does not exist: email to it is refused/],
    ['friend@', /is not an email address/],
    ['friend@localhost', /is not an email address/],
    ['fr iend@elsewhere.example', /is not an email address/],
    ['früend@elsewhere.example', /has characters before the @ that not every mail server accepts/],
    [`${'a'.repeat(65)}@elsewhere.example`, /is not an email address/],
  ] as const)
    assert.match(problems('new@example.org', to).join('\n'), said);
});

test('a loop is refused, with its path', () => {
  assert.match(problems('new@example.org', 'new@example.org').join(), /is the address itself/);
  const looping: AddressBook = {
    ...book,
    forwards: [
      ...book.forwards,
      { address: 'x@example.org', users: [], groups: [], addresses: ['all@example.org', 'new@example.org'] },
      { address: 'y@example.org', users: [], groups: [], addresses: ['y@example.org', 'x@example.org'] },
    ],
  };
  const judged = judgeAlias({ address: 'new@example.org', to: ['y@example.org'] }, domains, looping);
  assert.ok('problems' in judged);
  assert.match(
    judged.problems[0]!.what,
    /leads back to new@example\.org: y@example\.org → x@example\.org → new@example\.org/,
  );
});

test('everything that is wrong is reported at once', () => {
  assert.deepEqual(
    problems('a..b@example.org', 'adaa', 'nobody@example.org', 'ada').map((each) => each.split(':')[0]),
    ['a..b@example.org', '--to adaa', '--to nobody@example.org'],
  );
  assert.match(problems('new@example.org').join(), /^--to: is missing/);
});

test('a new user, a new group or a new name can not hide an address', () => {
  assert.match(
    renderProblem(nameProblem('rosa', book)!),
    /^rosa: can't be a new name: rosa@example\.org leads to ada\. .*: haven alias remove rosa@example\.org$/,
  );
  assert.match(renderProblem(nameProblem('club', book)!), /leads to bob, board, friend@elsewhere\.example/);
  assert.equal(nameProblem('rosa', book, 'ada'), undefined, 'an own alias may become the name');
  assert.ok(nameProblem('club', book, 'bob'));
  for (const name of ['grace', 'ros', 'ada']) assert.equal(nameProblem(name, book), undefined);
});

test('a domain in another script is the same as in ASCII, also where email goes', () => {
  const own = ['xn--mnchen-3ya.example'];
  const judged = (address: string, to: string) => judgeAlias({ address, to: [to] }, own, book);
  assert.deepEqual(judged('club@München.example', 'freund@bücher.example'), {
    alias: {
      isThere: false,
      forward: {
        address: 'club@xn--mnchen-3ya.example',
        users: [],
        groups: [],
        addresses: ['freund@xn--bcher-kva.example'],
      },
    },
  });
  assert.ok('problems' in judged('club@münchen.example', 'club@münchen.example'), 'the address itself');
});
