import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExistingRecord } from './existing-record.ts';
import { planRecords } from './plan-records.ts';
import { judgeRemoval, removalOf } from './takeover.ts';

const owner = { name: 'Ada', email: 'ada@example.com' };

const zone = 'example.org';
const mark = 'haven example-1234';
const planned = planRecords({ zones: [zone], owner, hostName: `haven.${zone}`, hosts: [`www.${zone}`] });
const record = (type: string, content: string, comment: string | null): ExistingRecord => ({
  id: `${type} ${content}`,
  zone,
  name: 'www.example.org',
  type,
  content,
  ttlSeconds: 300,
  comment,
  raw: {},
});
const alias = record('CNAME', 'host.example.', null);
const old = record('A', '192.0.2.9', null);
const ours = [
  record('A', '192.0.2.1', mark),
  record('AAAA', '2001:db8::1', mark),
  record('CAA', '0 issue "x"', mark),
];

test('a removal waits for everything that is planned at the name, the certificate with its CAA included', () => {
  assert.deepEqual(removalOf(alias, planned).awaited, { A: 1, AAAA: 1, CAA: 1 });
  const tlsa = { ...alias, name: '_443._tcp.www.example.org' };
  assert.deepEqual(removalOf(tlsa, planned).awaited, { TLSA: 2 });
});

test('every subset of our records: all of them finish a removal, any fewer make way for what was there', () => {
  for (let subset = 0; subset < 2 ** ours.length; subset++) {
    const made = ours.filter((_, index) => subset & (1 << index));
    const verdict = judgeRemoval(removalOf(alias, planned), made, mark);
    if (made.length === ours.length) assert.deepEqual(verdict, { verdict: 'finished' });
    else assert.deepEqual(verdict, { verdict: 'put-back', remove: made });
  }
});

test('what was not removed, or is back, stays, and so does ours beside it', () => {
  assert.deepEqual(judgeRemoval(removalOf(alias, planned), [alias], mark), { verdict: 'back' });
  assert.deepEqual(judgeRemoval(removalOf(old, planned), [old, ours[0]!], mark), { verdict: 'back' });
});

test('to put an address back only our record of its type makes way', () => {
  assert.deepEqual(judgeRemoval(removalOf(old, planned), ours.slice(0, 2), mark), {
    verdict: 'put-back',
    remove: [ours[0]],
  });
});
