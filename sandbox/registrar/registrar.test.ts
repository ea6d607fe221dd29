import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allDomains, changeDomain, type Domain } from './registrar.ts';

const ds = { keyTag: 1, algorithm: 13, digestType: 2, digest: 'ab'.repeat(32) };
const domains = (domain: Partial<Domain> = {}) => ({
  'example.test': { nameServers: ['ada.ns.sandbox.test', 'bob.ns.sandbox.test'], ds: [], ...domain },
});

test('a domain is as it was registered until its owner orders otherwise', () => {
  const changed = { 'two.test': { nameServers: ['a.example.net', 'b.example.net'], ds: [ds] } };
  assert.deepEqual(allDomains([{ name: 'one.test' }, { name: 'two.test' }], changed), {
    'one.test': { nameServers: ['ada.ns.sandbox.test', 'bob.ns.sandbox.test'], ds: [] },
    ...changed,
  });
});

test('a DS record is added and removed, whether it fits or not', () => {
  const added = changeDomain(domains(), { order: 'add-ds', domain: 'Example.test', ds });
  assert.deepEqual([added.name, added.domain.ds], ['example.test', [ds]]);
  const other = { ...ds, keyTag: 2 };
  const both = domains({ ds: [ds, other] });
  const upper = { ...ds, digest: ds.digest.toUpperCase() };
  const order = { order: 'remove-ds', domain: 'example.test' };
  assert.deepEqual(changeDomain(both, { ...order, ds: upper }).domain.ds, [other]);
  assert.deepEqual(changeDomain(both, order).domain.ds, []);
  assert.throws(() => changeDomain(domains(), { ...order, ds }), /has no DS record 1 13 2/);
  assert.throws(() => changeDomain(both, { order: 'add-ds', domain: 'example.test', ds: upper }), /already/);
});

test('name servers are replaced', () => {
  const order = { order: 'set-ns', domain: 'example.test', nameServers: ['a.example.net', 'b.example.net'] };
  assert.deepEqual(changeDomain(domains({ ds: [ds] }), order).domain, {
    nameServers: ['a.example.net', 'b.example.net'],
    ds: [ds],
  });
  assert.throws(
    () => changeDomain(domains(), { ...order, nameServers: ['a.example.net', 'ns.example.test'] }),
    /glue/,
  );
});

test('an order that is not valid is refused', () => {
  const add = (change: object) => () =>
    changeDomain(domains(), { order: 'add-ds', domain: 'example.test', ds: { ...ds, ...change } });
  assert.throws(add({ digest: 'xy' }), /hexadecimal/);
  assert.throws(add({ digest: 'abcd' }), /length/);
  assert.throws(add({ keyTag: 70000 }), /keyTag/);
  assert.throws(add({ more: 1 }), /more/);
  assert.throws(() => changeDomain(domains(), { order: 'add-key', domain: 'example.test' }), /order/);
  assert.throws(
    () => changeDomain(domains(), { order: 'remove-ds', domain: 'example.org' }),
    /example\.org is not registered/,
  );
});
