import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChangeLine } from './describe-change.ts';
import { collapseCreated, summarise } from './summary.ts';

const line = (kind: ChangeLine['kind'], what: string, name: string, more: Partial<ChangeLine> = {}) => ({
  ...{ kind, what, name, detail: '' },
  ...more,
});
const records = ['git', 'login', 'me', 'www'].flatMap((name) =>
  ['A', 'AAAA'].map((type) => line('create', 'DNS', `${name}.example.org ${type}`)),
);

test('a first plan is counted by what an owner knows; what a server needs is part of it', () => {
  const lines = [
    line('create', 'SSH key', 'key'),
    line('create', 'Server', 'a'),
    line('create', 'Volume', 'data'),
    line('create', 'Service', 'website'),
    line('create', 'Service', 'gitea'),
    line('create', 'Certificate', 'www.example.org'),
    ...records,
  ];
  assert.deepEqual(summarise(lines), {
    does: ['Creates 1 server, 1 volume, 2 services, 1 certificate and 8 DNS records'],
    stops: [],
    minutes: 5,
  });
});

test('each kind of change is a sentence, and what stops is named once', () => {
  const lines = [
    line('update', 'Service', 'website', { stops: 'website, for about 4 s' }),
    line('update', 'Agent', 'haven.example.org'),
    line('delete', 'DNS', 'www.example.org CNAME'),
  ];
  assert.deepEqual(summarise(lines), {
    does: ['Changes 1 service and 1 part of the server', 'Removes 1 DNS record'],
    stops: ['website, for about 4 s'],
    minutes: 1,
  });
  assert.deepEqual(summarise([]), { does: [], stops: [], minutes: 0 });
});

test('many things that are created are one line; what is changed or removed is always a line of its own', () => {
  const removed = ['a', 'b', 'c', 'd', 'e'].map((name) => line('delete', 'DNS', `${name}.example.org A`));
  const services = ['a', 'b', 'c', 'd', 'e'].map((name) => line('create', 'Service', name));
  assert.deepEqual(collapseCreated([...services, ...records, ...removed]), [
    ...services,
    line('create', 'DNS', '8 in all', { detail: 'git.example.org, login.example.org, me.example.org …' }),
    ...removed,
  ]);
  assert.deepEqual(collapseCreated(records.slice(0, 3)), records.slice(0, 3));
});
