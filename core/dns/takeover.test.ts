import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExistingRecord } from './existing-record.ts';
import { planRecords } from './plan-records.ts';
import { plannedContent } from './record.ts';
import { adoptionOf, judgeTakeover, removalOf } from './takeover.ts';

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
const sum = (numbers: number[]): number => numbers.reduce((all, each) => all + each, 0);
const old = record('A', '192.0.2.9', null);
/** What is planned at www, as it is once it exists. */
const ours = planned
  .filter((each) => each.name === `www.${zone}`)
  .map((each) => record(each.type, plannedContent(each), mark));

test('a removal waits for everything that is planned at the name, the certificate with its CAA included', () => {
  const { awaited } = removalOf(alias, planned);
  assert.deepEqual(Object.keys(awaited), ['A', 'AAAA', 'CAA']);
  assert.equal(sum(Object.values(awaited)), ours.length);
  const tlsa = { ...alias, name: '_443._tcp.www.example.org' };
  assert.deepEqual(removalOf(tlsa, planned).awaited, { TLSA: 2 });
});

test('every subset of our records: all of them finish a removal, any fewer make way for what was there', () => {
  for (let subset = 0; subset < 2 ** ours.length; subset++) {
    const made = ours.filter((_, index) => subset & (1 << index));
    const verdict = judgeTakeover(removalOf(alias, planned), made, mark);
    if (made.length === ours.length) assert.deepEqual(verdict, { verdict: 'finished' });
    else assert.deepEqual(verdict, { verdict: 'put-back', remove: made });
  }
});

test('what was not removed, or is back, stays, and so does ours beside it', () => {
  assert.deepEqual(judgeTakeover(removalOf(alias, planned), [alias], mark), { verdict: 'back' });
  assert.deepEqual(judgeTakeover(removalOf(old, planned), [old, ours[0]!], mark), { verdict: 'back' });
});

test('to put an address back only our record of its type makes way', () => {
  assert.deepEqual(judgeTakeover(removalOf(old, planned), ours.slice(0, 2), mark), {
    verdict: 'put-back',
    remove: [ours[0]],
  });
});

/** The record that it becomes, as the engine writes it: in its place, with our mark. */
const become = (existing: ExistingRecord, content: string): ExistingRecord => ({
  ...existing,
  content,
  comment: mark,
});
const plannedAt = (name: string, type: string) =>
  planned.find((each) => each.name === name && each.type === type)!;

test('an adopted record is put back unless everything at its name exists, and untouched while the engine has not changed it', () => {
  const adoption = adoptionOf(old, plannedAt(old.name, 'A'), planned);
  assert.deepEqual([adoption.as, adoption.awaited], ['dns-a-www.example.org', { CAA: 1 }]);
  const [, aaaa, caa] = ours;
  const changed = become(old, '192.0.2.1');
  const judge = (...zone: ExistingRecord[]) => judgeTakeover(adoption, zone, mark);
  assert.deepEqual(judge(old, aaaa!), { verdict: 'back' });
  assert.deepEqual(judge(changed, aaaa!), { verdict: 'put-back', remove: [] });
  assert.deepEqual(judge(changed, aaaa!, caa!), { verdict: 'finished' });
  assert.deepEqual(judge(aaaa!), { verdict: 'finished' }, 'its owner deleted it');
});

test('an adopted CAA record that the engine has not changed makes nothing at its name final', () => {
  const caa = record('CAA', '0 issue "other.example"', null);
  const judge = (...zone: ExistingRecord[]) =>
    judgeTakeover(adoptionOf(old, plannedAt(old.name, 'A'), planned), zone, mark);
  const changed = become(old, '192.0.2.1');
  assert.deepEqual(judge(changed, caa), { verdict: 'put-back', remove: [] });
  assert.deepEqual(judge(changed, become(caa, '0 issue "x"')), { verdict: 'finished' });
});

test("an adopted address of the server's own name is final only when the run has succeeded", () => {
  const name = `haven.${zone}`;
  const address = { ...old, name };
  const adoption = adoptionOf(address, plannedAt(name, 'A'), planned);
  const both = [become(address, '192.0.2.1'), { ...ours[1]!, name }];
  assert.deepEqual(judgeTakeover(adoption, both, mark), { verdict: 'put-back', remove: [] });
});
