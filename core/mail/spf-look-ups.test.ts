import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DnsAnswer } from './dns-answer.ts';
import { countSpfLookUps } from './spf-look-ups.ts';

const count = (text: string, world: Record<string, DnsAnswer> = {}) =>
  countSpfLookUps('example.org', text, async (name, type) => world[`${type} ${name}`] ?? []);
const own = { 'MX example.org': ['10 mail.example.org'], 'A example.org': ['192.0.2.7'] };

test('counts what receivers look up, and not addresses', async () => {
  assert.deepEqual(await count('v=spf1 mx ~all', own), { count: 1 });
  assert.deepEqual(await count('v=spf1 ip4:192.0.2.7 ip6:2001:db8::1/64 -all'), { count: 0 });
  const world = {
    ...own,
    'TXT a.test': ['v=spf1 include:b.test -all', 'other'],
    'TXT b.test': ['v=spf1 a:example.org ?all'],
  };
  assert.deepEqual(await count('v=spf1 mx include:a.test ~all', world), { count: 4 });
  assert.deepEqual(await count('v=spf1 redirect=b.test', world), { count: 2 });
  assert.deepEqual(await count('v=spf1 mx ~all redirect=b.test include:a.test', world), { count: 1 });
  assert.deepEqual(await count('v=spf1 exists:%{i}.a.test ptr -all'), { count: 2 });
});

test('ten are allowed and eleven are not, wherever they are', async () => {
  const includes = (n: number) => Array.from({ length: n }, (_, index) => `include:s${index}.test`).join(' ');
  const world: Record<string, DnsAnswer> = {
    ...own,
    ...Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`TXT s${n}.test`, ['v=spf1 -all']])),
    'TXT many.test': [`v=spf1 ${includes(9)} -all`],
  };
  assert.deepEqual(await count(`v=spf1 ${includes(10)} ~all`, world), { count: 10 });
  assert.match((await count(`v=spf1 ${includes(11)} ~all`, world)).fault ?? '', /more than 10 look-ups/);
  assert.equal(
    (await count('v=spf1 mx include:many.test ~all', world)).fault,
    'it takes more than 10 look-ups: mx takes 1, include:many.test takes 10',
  );
});

test('a text that includes itself ends', async () => {
  const world = { 'TXT loop.test': ['v=spf1 include:loop.test -all'] };
  assert.match((await count('v=spf1 include:loop.test ~all', world)).fault ?? '', /more than 10/);
});

test('a sender without a text, or with two, breaks it', async () => {
  assert.match(
    (await count('v=spf1 include:gone.test ~all')).fault ?? '',
    /gone\.test, which has no SPF record/,
  );
  const world = { 'TXT two.test': ['v=spf1 -all', 'v=spf1 +all'] };
  assert.match((await count('v=spf1 include:two.test ~all', world)).fault ?? '', /which has 2 of them/);
});

test('two servers that do not exist are allowed, and three are not', async () => {
  assert.equal((await count('v=spf1 a:x.test a:y.test ~all')).fault, undefined);
  assert.match(
    (await count('v=spf1 a:x.test mx:y.test exists:z.test ~all')).fault ?? '',
    /x\.test, y\.test, z\.test/,
  );
});

test('what could not be looked up is not called wrong', async () => {
  const found = await count('v=spf1 include:a.test a:b.test ~all', {
    'TXT a.test': 'silent',
    'A b.test': 'error',
  });
  assert.deepEqual(found, { count: 2, unknown: 'error' });
});
