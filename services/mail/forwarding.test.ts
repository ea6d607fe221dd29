import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { aliasMaps, askedAbout, forwardingCf, forwardTables } from './forwarding.ts';

const domains = ['example.org', 'second.example'];
const tables = forwardTables(domains);

test('every table that is asked is one that exists', () => {
  const asked = [...aliasMaps.matchAll(/ldap:\/etc\/postfix\/(\S+?\.ldap)/g)].map(([, name]) => name!);
  for (const name of Object.keys(tables)) assert.ok(asked.includes(name), name);
  assert.equal(asked.length, 3 + Object.keys(tables).length);
});

test('forwards are looked up in the mail domains only, and catch-alls by their whole address', () => {
  for (const [name, text] of Object.entries(tables))
    if (name.includes('catch-all'))
      assert.match(
        text,
        /^query_filter = .*\(\|\(havenAlias=@example\.org\)\(havenAlias=@second\.example\)\)/m,
      );
    else assert.match(text, /^domain = example\.org, second\.example$/m, name);
  for (const text of Object.values(tables)) assert.equal(text.match(/^result_attribute = /gm)?.length, 1);
});

test('programs that can be away are asked about their own addresses only', () => {
  const files = askedAbout(domains);
  for (const name of Object.keys(files)) assert.ok(aliasMaps.includes(`/etc/haven/${name}`), name);
  const [, pattern = ''] = /^\/(\S+)\/ \$1\n$/.exec(files['rewritten-addresses'] ?? '') ?? [];
  const isRewritten = (address: string) => new RegExp(pattern, 'i').test(address);
  assert.ok(isRewritten('SRS0=F9+N=JS=elsewhere.example=friend@example.org'));
  for (const other of [
    'ada@example.org',
    '@example.org',
    'srs0=x=y=z=u@example.org.test',
    'srs0=x@second.example',
  ])
    assert.ok(!isRewritten(other), other);
  assert.equal(files['catch-all-addresses'], '@example.org @example.org\n@second.example @second.example\n');
});

test('only a sender of another domain is rewritten', () => {
  const pattern = /\{\/(\S+)\/ DUNNO\}/.exec(forwardingCf(domains))?.[1]?.replace('$$', '$');
  const isOurs = (sender: string) => new RegExp(pattern ?? assert.fail('no pattern')).test(sender);
  for (const sender of ['ada@example.org', 'a@b@second.example', 'srs0=x=y=z=u@example.org'])
    assert.ok(isOurs(sender), sender);
  for (const sender of [
    'x@exampleXorg',
    'x@sub.example.org',
    'x@example.org.test',
    'x@elsewhere.example',
    '<>',
  ])
    assert.ok(!isOurs(sender), sender);
});

test('what master.cf uses of these settings is there', () => {
  const master = readFileSync(new URL('./files/postfix/master.cf', import.meta.url), 'utf8');
  const settings = forwardingCf(domains);
  assert.ok(master.includes('sender_canonical_maps=$forwarded_sender_maps'));
  assert.match(settings, /^forwarded_sender_maps = \S/m);
  const [, service, port] = /\/@\/ (\w+):\[127\.0\.0\.1\]:(\d+)/.exec(settings) ?? [];
  assert.match(master, new RegExp(`^${service} +unix .* smtp$`, 'm'));
  assert.match(master, new RegExp(`^127\\.0\\.0\\.1:${port} +inet`, 'm'));
});
