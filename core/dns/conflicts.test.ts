import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answerConflicts,
  type ConflictAnswers,
  type DnsConflict,
  dnsConflicts,
  openConflictProblems,
} from './conflicts.ts';
import { type ExistingRecord, renderZoneFile } from './existing-record.ts';
import { planRecords } from './plan-records.ts';
import type { PlannedRecord } from './record.ts';

const owner = { name: 'Ada', email: 'ada@example.com' };

const zone = 'example.org';
const mark = 'haven example-1234';
const planned = planRecords({ zones: [zone], owner, hostName: `haven.${zone}`, hosts: [`www.${zone}`] });

let id = 0;
const existing = (name: string, type: string, content: string, comment: string | null = null) =>
  ({
    id: String(id++),
    zone,
    name,
    type,
    content,
    ttlSeconds: 300,
    comment,
    raw: {},
  }) satisfies ExistingRecord;
const literal = (shape: object, name: string, value: string) =>
  ({ ...shape, zone, name, value, ttlSeconds: 300, reason: '', stage: 'live' }) as PlannedRecord;
const keysOf = (conflicts: DnsConflict[]) => conflicts.map((each) => each.key);
const conflictsOf = (records: PlannedRecord[], ...others: ExistingRecord[]) =>
  keysOf(dnsConflicts(records, others, mark));

test('finds each existing record once, however many planned ones need its place', () => {
  const alias = existing('www.example.org', 'CNAME', 'host.example.');
  const conflicts = dnsConflicts(planned, [alias, existing('old.example.org', 'A', '192.0.2.9')], mark);
  assert.deepEqual(keysOf(conflicts), ['www.example.org CNAME']);
  assert.deepEqual(
    conflicts[0]!.planned,
    planned.filter((each) => each.name === 'www.example.org'),
  );
});

test('leaves our own records and those of other types alone', () => {
  const ours = existing('www.example.org', 'A', '192.0.2.1', mark);
  assert.deepEqual(conflictsOf(planned, ours, existing('www.example.org', 'TXT', '"x"')), []);
});

test('tells several records of one name and type apart by their content', () => {
  const two = ['192.0.2.8', '192.0.2.9'].map((each) => existing('www.example.org', 'A', each));
  assert.deepEqual(conflictsOf(planned, ...two), [
    'www.example.org A 192.0.2.8',
    'www.example.org A 192.0.2.9',
  ]);
});

test("reports for CAA never exclude an owner's own CAA; the same property does", () => {
  const iodef = literal({ type: 'CAA', flags: 0, tag: 'iodef' }, zone, 'mailto:ada@example.com');
  const issue = literal({ type: 'CAA', flags: 0, tag: 'issue' }, zone, 'ca.example');
  const theirs = existing(zone, 'CAA', '0 issue "other.example"');
  assert.deepEqual(conflictsOf([iodef], theirs, existing(zone, 'CAA', '0 iodef "mailto:x@y.example"')), []);
  assert.deepEqual(conflictsOf([issue], theirs), ['example.org CAA']);
  assert.deepEqual(conflictsOf([iodef], existing(zone, 'CAA', '0 iodef "mailto:ada@example.com"')), [
    'example.org CAA',
  ]);
});

test('of texts at a name only one for the same purpose is in the way', () => {
  const spf = literal({ type: 'TXT' }, zone, 'v=spf1 mx -all');
  const verification = existing(zone, 'TXT', '"site-verification=1"');
  assert.deepEqual(conflictsOf([spf], verification, existing(zone, 'TXT', '"v=spf1 a -all"')), [
    'example.org TXT',
  ]);
});

test('a text is told by its purpose however its strings are split, and a longer version is another one', () => {
  const spf = literal({ type: 'TXT' }, zone, 'v=spf1 mx -all');
  assert.deepEqual(conflictsOf([spf], existing(zone, 'TXT', '"v=" "spf1 a -all"')), ['example.org TXT']);
  assert.deepEqual(conflictsOf([spf], existing(zone, 'TXT', '"V=SPF1"')), ['example.org TXT']);
  assert.deepEqual(
    conflictsOf([spf], existing(zone, 'TXT', '"v=spf10 a"'), existing(zone, 'TXT', '"v=spf1a"')),
    [],
  );
  const dmarc = literal({ type: 'TXT' }, `_dmarc.${zone}`, 'v=DMARC1; p=none');
  assert.deepEqual(conflictsOf([dmarc], existing(`_dmarc.${zone}`, 'TXT', '"v = DMARC1;p=reject"')), [
    '_dmarc.example.org TXT',
  ]);
});

test('a key of a selector is in the way although it does not say what it is, and ours is not known', () => {
  const name = `2026a._domainkey.${zone}`;
  const ours = { ...literal({ type: 'TXT' }, name, ''), value: { output: `dkim:${zone}` } } as PlannedRecord;
  assert.deepEqual(conflictsOf([ours], existing(name, 'TXT', '"k=rsa; p=MIIB"')), [`${name} TXT`]);
});

test('an alias at the top of a zone is in the way of addresses, not of mail', () => {
  const alias = existing(zone, 'CNAME', 'host.example.');
  const mx = literal({ type: 'MX', priority: 10 }, zone, `mail.${zone}`);
  assert.deepEqual(conflictsOf([mx], alias), []);
  assert.deepEqual(conflictsOf([literal({ type: 'A' }, zone, '192.0.2.1')], alias), ['example.org CNAME']);
  const below = { ...mx, name: `www.${zone}` };
  assert.deepEqual(conflictsOf([below], { ...alias, name: `www.${zone}` }), ['www.example.org CNAME']);
});

const answer = (records: ExistingRecord[], answers: Partial<ConflictAnswers>) =>
  answerConflicts(dnsConflicts(planned, records, mark), { adopt: [], replace: [], ...answers }, planned);

test('an owner decides by name and type; what they do not name stays open', () => {
  const records = [
    existing('www.example.org', 'A', '192.0.2.9'),
    existing('www.example.org', 'AAAA', '2001:db8::9'),
    existing('haven.example.org', 'CNAME', 'host.example.'),
  ];
  const { answered, problems } = answer(records, {
    adopt: ['WWW.example.org a'],
    replace: ['haven.example.org CNAME'],
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    answered.map((each) => [each.key, each.answer]),
    [
      ['www.example.org A', 'adopt'],
      ['www.example.org AAAA', 'open'],
      ['haven.example.org CNAME', 'replace'],
    ],
  );
  assert.deepEqual(openConflictProblems(answered), [
    {
      where: 'DNS www.example.org AAAA',
      what: 'a record for www.example.org already exists and is not managed by OpenHaven (AAAA 2001:db8::9). Nothing was changed.',
      remedy:
        'To keep it and let haven manage it: haven up --adopt "www.example.org AAAA"   To remove it and use its place: haven up --replace "www.example.org AAAA"',
    },
  ]);
});

test('a CNAME can be replaced, never adopted: nothing of its type is planned', () => {
  const { answered, problems } = answer([existing('www.example.org', 'CNAME', 'host.example.')], {
    adopt: ['www.example.org CNAME'],
  });
  assert.match(problems[0]!.what, /no planned CNAME record that it could become/);
  assert.doesNotMatch(openConflictProblems(answered)[0]!.remedy, /--adopt/);
});

test('of two records that ask for one place, one can be adopted', () => {
  const records = ['192.0.2.8', '192.0.2.9'].map((each) => existing('www.example.org', 'A', each));
  const { answered, problems } = answer(records, {
    adopt: ['www.example.org A 192.0.2.8', 'www.example.org A 192.0.2.9'],
  });
  assert.deepEqual(
    answered.map((each) => each.answer),
    ['adopt', 'open'],
  );
  assert.match(problems[0]!.what, /another A record of this name is adopted already/);
});

test('two keys of a port are adopted in the places of both', () => {
  const records = ['3 1 1 aa', '3 1 1 bb'].map((each) => existing('_443._tcp.www.example.org', 'TLSA', each));
  const keys = keysOf(dnsConflicts(planned, records, mark));
  const { answered } = answer(records, { adopt: keys });
  assert.deepEqual(
    answered.map((each) => each.answer === 'adopt' && each.as.slot),
    ['a', 'b'],
  );
});

test('a mistyped answer is refused, an answer given before is not', () => {
  const records = [existing('www.example.org', 'CNAME', 'host.example.')];
  const mistyped = answer(records, { replace: ['wwww.example.org CNAME', 'nonsense A'] });
  assert.deepEqual(
    mistyped.problems.map((each) => each.remedy),
    ['Did you mean "www.example.org CNAME"?', 'Conflicts: www.example.org CNAME.'],
  );
  assert.deepEqual(answer([], { replace: ['www.example.org CNAME'] }).problems, []);
  const both = answer(records, { adopt: ['www.example.org CNAME'], replace: ['www.example.org CNAME'] });
  assert.match(both.problems[0]!.what, /also gave --replace/);
});

test('keeps a zone in the form that every DNS provider reads', () => {
  const records = [
    existing(zone, 'MX', '10 mx.example.net.'),
    { ...existing(zone, 'TXT', '"v=spf1 -all"'), ttlSeconds: 60 },
  ];
  assert.match(
    renderZoneFile(zone, records, '2026-01-01'),
    /\$ORIGIN example\.org\.\nexample\.org\. 300 IN MX 10 mx\.example\.net\.\nexample\.org\. 60 IN TXT "v=spf1 -all"\n/,
  );
});
