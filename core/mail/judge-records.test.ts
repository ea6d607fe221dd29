import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlannedRecord } from '../dns/record.ts';
import { judgeRecords, type RecordFacts, recordSets, recordTitle } from './judge-records.ts';

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
const caa: PlannedRecord = {
  ...base,
  type: 'CAA',
  flags: 0,
  tag: 'issue',
  value: { output: 'acme-account' },
};
const tlsa: PlannedRecord[] = (['a', 'b'] as const).map((slot) => ({
  ...base,
  name: '_25._tcp.mail.example.org',
  ...{ type: 'TLSA', usage: 3, selector: 1, matchingType: 1, slot },
  value: { output: `tlsa-${slot}:mail.example.org` },
}));
const outputs: RecordFacts['outputs'] = {
  ipv4: '192.0.2.7',
  'acme-account': 'ca.test; accounturi=https://ca.test/1',
  'tlsa-a:mail.example.org': 'aa',
  'tlsa-b:mail.example.org': 'bb',
};

const judged = (
  record: PlannedRecord | PlannedRecord[],
  found: string[] | 'silent' | 'error',
  facts: Partial<RecordFacts> = {},
): string => {
  const { result, evidence, remedy } = judgeRecords([record].flat(), found, { outputs, ...facts });
  assert.equal(remedy === undefined, result === 'good');
  return `${result}: ${evidence}`;
};

test('a record that is there as planned is good, with what was seen', () => {
  assert.equal(judged(mx, ['10 mail.example.org']), 'good: 10 mail.example.org');
  assert.equal(judged(spf, ['v=spf1 mx -all', 'site-verification=1']), 'good: v=spf1 mx -all');
  assert.equal(judged(address, ['192.0.2.7']), 'good: 192.0.2.7');
  assert.equal(judged(srv, ['0 1 993 mail.example.org']), 'good: 0 1 993 mail.example.org');
  assert.equal(judged(tlsa, ['3 1 1 bb', '3 1 1 aa']), 'good: 3 1 1 bb, 3 1 1 aa');
});

test('each wrong variant is bad', () => {
  assert.equal(judged(mx, []), 'bad: there is none');
  assert.equal(
    judged(mx, ['10 mail.example.org', '5 old.test']),
    'bad: 10 mail.example.org, and also 5 old.test',
  );
  assert.equal(judged(mx, ['20 mail.example.org']), 'bad: 20 mail.example.org, and not 10 mail.example.org');
  assert.equal(judged(spf, ['site-verification=1']), 'bad: there is none');
  assert.equal(
    judged(spf, ['v=spf1 mx -all', 'v=spf1 include:other.test ~all']),
    'bad: there are 2: v=spf1 mx -all, v=spf1 include:other.test ~all',
  );
  assert.equal(judged(spf, ['v=spf1 +all']), 'bad: v=spf1 +all, and not v=spf1 mx -all');
  assert.equal(judged(spf, ['v=spf1; mx -all']), 'bad: there is none that counts, only: v=spf1; mx -all');
  assert.equal(judged(address, ['192.0.2.8']), 'bad: 192.0.2.8, and not 192.0.2.7');
  assert.equal(judged(address, ['192.0.2.7', '192.0.2.8']), 'bad: 192.0.2.7, and also 192.0.2.8');
  assert.equal(judged(srv, ['0 0 0 ']), 'bad: 0 0 0 ., and not 0 1 993 mail.example.org');
  assert.equal(
    judged(srv, ['0 1 993 mail.example.org', '0 1 993 old.test']),
    'bad: 0 1 993 mail.example.org, and also 0 1 993 old.test',
  );
});

test('of keys, each planned one must be there, and others do no harm', () => {
  assert.equal(judged(tlsa, ['3 1 1 aa']), 'bad: 3 1 1 aa, and not 3 1 1 bb');
  assert.equal(judged(tlsa, ['3 1 1 cc']), 'bad: 3 1 1 cc, and not 3 1 1 aa, 3 1 1 bb');
  assert.match(judged(tlsa, ['3 1 1 aa', '3 1 1 bb', '3 1 1 cc']), /^good/);
  assert.match(judged(tlsa, ['3 1 1 cc'], { outputs: {} }), /^good/, 'without the server it is not known');
});

test('of authorities, one of another tag does not count', () => {
  const own = '0 issue ca.test; accounturi=https://ca.test/1';
  assert.equal(judged(caa, [own, '0 issuemail ;']), `good: ${own}`);
  assert.equal(judged(caa, ['0 issuemail ;']), 'bad: there is none');
  assert.equal(judged(caa, ['0 issue other.test']), `bad: 0 issue other.test, and not ${own}`);
});

test('a key that signs is told apart in words', () => {
  const planned: PlannedRecord = { ...spf, name: 'a._domainkey.example.org', value: 'v=DKIM1; p=MIIBAAAA' };
  assert.equal(judged(planned, ['v=DKIM1; p=MIIBAA']), 'bad: its key is cut off after 6 of 8 characters');
  assert.match(judged(planned, ['v=DKIM1; p=']), /^bad: its key is revoked/);
  assert.match(judged(planned, ['v=DKIM1; p=MIIBBBBB']), /^bad: it has another key/);
  assert.match(judged(planned, ['v=DKIM1; k=rsa']), /^bad: it has no key/);
  assert.match(judged(planned, ['v=DKIM1; h=sha1; p=MIIBAAAA']), /^bad: v=DKIM1; h=sha1; .* and not v=DKIM1/);
  assert.match(judged(planned, ['p=MIIBAAAA']), /^bad: there is none that counts, only: p=MIIB/);
});

test('what the DNS did not answer is unknown', () => {
  assert.equal(judged(mx, 'silent'), 'unknown: the DNS does not answer');
  assert.equal(judged(mx, 'error'), 'unknown: the DNS answers with an error');
});

test('a text is called by what it is for', () => {
  assert.equal(recordTitle(spf), 'SPF example.org');
  assert.equal(recordTitle({ ...spf, value: 'v=DMARC1; p=none' }), 'DMARC example.org');
  assert.equal(recordTitle(mx), 'MX example.org');
  assert.equal(recordTitle({ ...spf, value: { output: 'dkim:example.org' } }), 'DKIM example.org');
});

test('records of one name and type are one check, and texts of different kinds are not', () => {
  const mail: PlannedRecord = { ...caa, tag: 'issuemail', value: ';' };
  const sets = recordSets([mx, spf, ...tlsa, caa, mail, { ...spf, value: 'v=DMARC1; p=none' }]);
  assert.deepEqual(
    sets.map((set) => set.length),
    [1, 1, 2, 1, 1, 1],
  );
});

test('where the owner enters the records, the remedy has what to enter', () => {
  const { remedy } = judgeRecords([srv], [], { outputs, isManual: true });
  assert.match(remedy ?? '', /with:\n_imaps\._tcp\.example\.org SRV 0 1 993 mail\.example\.org$/);
});
