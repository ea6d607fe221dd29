import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlannedRecord } from '../dns/record.ts';
import { judgeRecord, recordTitle } from './judge-records.ts';

const base = {
  zone: 'example.org',
  name: 'example.org',
  ttlSeconds: 300,
  reason: '',
  stage: 'live',
} as const;
const mx: PlannedRecord = { ...base, type: 'MX', priority: 10, value: 'mail.example.org' };
const spf: PlannedRecord = { ...base, type: 'TXT', value: 'v=spf1 mx -all' };
const address: PlannedRecord = { ...base, name: 'mail.example.org', type: 'A', value: { output: 'ipv4' } };
const srv: PlannedRecord = {
  ...base,
  name: '_imaps._tcp.example.org',
  type: 'SRV',
  priority: 0,
  weight: 1,
  port: 993,
  value: 'mail.example.org',
};

const judged = (record: PlannedRecord, found: string[] | undefined): string => {
  const { result, evidence, remedy } = judgeRecord(record, found, { ipv4: '192.0.2.7' });
  assert.equal(remedy === undefined, result === 'good');
  return `${result}: ${evidence}`;
};

test('a record that is there as planned is good, with what was seen', () => {
  assert.equal(judged(mx, ['10 mail.example.org']), 'good: 10 mail.example.org');
  assert.equal(judged(spf, ['v=spf1 mx -all', 'site-verification=1']), 'good: v=spf1 mx -all');
  assert.equal(judged(address, ['192.0.2.7']), 'good: 192.0.2.7');
  assert.equal(judged(srv, ['0 1 993 mail.example.org']), 'good: 0 1 993 mail.example.org');
});

test('each wrong variant is bad', () => {
  assert.equal(judged(mx, []), 'bad: there is none');
  assert.equal(judged(mx, ['10 mail.example.org', '5 old.test']), 'bad: 10 mail.example.org, 5 old.test');
  assert.equal(judged(mx, ['20 mail.example.org']), 'bad: 20 mail.example.org, and not 10 mail.example.org');
  assert.equal(judged(spf, ['site-verification=1']), 'bad: there is none');
  assert.equal(
    judged(spf, ['v=spf1 mx -all', 'v=spf1 include:other.test ~all']),
    'bad: there are 2: v=spf1 mx -all, v=spf1 include:other.test ~all',
  );
  assert.equal(judged(spf, ['v=spf1 +all']), 'bad: v=spf1 +all, and not v=spf1 mx -all');
  assert.equal(judged(address, ['192.0.2.8']), 'bad: 192.0.2.8, and not 192.0.2.7');
  assert.equal(judged(srv, ['0 0 0 ']), 'bad: 0 0 0 , and not 0 1 993 mail.example.org');
});

test('what the DNS did not answer is unknown', () => {
  assert.equal(judged(mx, undefined), 'unknown: the DNS does not answer');
});

test('a text is called by what it is for', () => {
  assert.equal(recordTitle(spf), 'SPF example.org');
  assert.equal(recordTitle({ ...spf, value: 'v=DMARC1; p=none' }), 'DMARC example.org');
  assert.equal(recordTitle(mx), 'MX example.org');
});
