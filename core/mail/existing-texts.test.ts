import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planMailCloud } from '../../test/support/mail-cloud.ts';
import {
  answerConflicts,
  type ConflictAnswers,
  dnsConflicts,
  mergedText,
  openConflictProblems,
} from '../dns/conflicts.ts';
import type { ExistingRecord } from '../dns/existing-record.ts';
import { existingTexts, textKinds } from './existing-texts.ts';

const zone = 'example.org';
const mark = 'haven example-1234';
let ids = 0;
const text = (name: string, content: string, comment: string | null = null): ExistingRecord => ({
  ...{ id: String(ids++), zone, name, type: 'TXT', content, ttlSeconds: 300, comment, raw: {} },
});
const { records } = planMailCloud();
const termsOf = (...existing: ExistingRecord[]) => [...existingTexts(textKinds.spf, records, existing, mark)];

test('reads what the SPF texts allow at names where ours is planned, and no other text', () => {
  const found = termsOf(
    text(zone, '"v=spf1 include:a.example -all"'),
    text(zone, '"google-site-verification=v=spf1"'),
    text(zone, '"v=spf10 include:x.example -all"'),
    text('www.example.org', '"v=sp" "f1 ip4:192.0.2.1 -all"'),
    text('shop.example.org', '"v=spf1 include:x.example -all"'),
    text('haven.example.org', '"v=spf1 include:ours.example -all"', mark),
  );
  assert.deepEqual(found, [
    [zone, ['include:a.example']],
    ['www.example.org', ['ip4:192.0.2.1']],
  ]);
});

test('two texts of a name, of which neither counted, are both kept', () => {
  const found = termsOf(text(zone, '"v=spf1 a -all"'), text(zone, '"v=spf1 include:a.example ~all"'));
  assert.deepEqual(found, [[zone, ['a', 'include:a.example']]]);
});

const answered = (existing: ExistingRecord[], answers: Partial<ConflictAnswers>) => {
  const spf = Object.fromEntries(existingTexts(textKinds.spf, records, existing, mark));
  const planned = planMailCloud({ pins: { spf } }).records;
  return answerConflicts(
    dnsConflicts(planned, existing, mark),
    { adopt: [], replace: [], ...answers },
    planned,
  );
};

const verification = text(zone, '"site-verification=1"');
const spf = text(zone, '"v=spf1 include:a.example -all"');

test("an owner's SPF text is in the way, with what it becomes; texts beside it are not", () => {
  const { answered: conflicts } = answered([verification, spf], {});
  assert.deepEqual(
    conflicts.map((each) => [each.key, mergedText(each)]),
    [['example.org TXT', '"v=spf1 mx include:a.example ~all"']],
  );
  assert.match(
    openConflictProblems(conflicts)[0]!.what,
    /\(TXT "v=spf1 include:a\.example -all"\)\. With ours it becomes "v=spf1 mx include:a\.example ~all"\. Nothing was changed\.$/,
  );
});

test('adopted, it becomes our SPF text and no other record of the name', () => {
  const { answered: conflicts, problems } = answered([verification, spf], { adopt: ['example.org TXT'] });
  assert.deepEqual(problems, []);
  const [conflict] = conflicts;
  assert.ok(conflict?.answer === 'adopt' && conflict.as.value === 'v=spf1 mx include:a.example ~all');
});

test('an alias in the way of an SPF text does not become one', () => {
  const alias = { ...text('www.example.org', 'host.example.'), type: 'CNAME' };
  const [conflict] = answered([alias], {}).answered;
  assert.equal(mergedText(conflict!), undefined);
});

const dmarcOf = (...existing: ExistingRecord[]) => [
  ...existingTexts(textKinds.dmarc, records, existing, mark),
];
const policy = text('_dmarc.example.org', '"v=DMARC1; p=reject; rua=mailto:a@x.example; pct=100"');

test('reads what DMARC texts say at names where ours is planned', () => {
  const found = dmarcOf(
    policy,
    text('_dmarc.shop.example.org', '"v=DMARC1; p=reject"'),
    text('_dmarc.www.example.org', '"v=DMARC1; p=none"', mark),
  );
  assert.deepEqual(found, [['_dmarc.example.org', ['p=reject', 'rua=mailto:a@x.example']]]);
});

test("an owner's DMARC text is in the way, and their policy stays, adopted or replaced", () => {
  const dmarc = Object.fromEntries(dmarcOf(policy));
  const planned = planMailCloud({ pins: { dmarc } }).records;
  const becomes = 'v=DMARC1; p=reject; rua=mailto:a@x.example; np=reject';
  assert.equal(planned.find(({ name }) => name === '_dmarc.example.org')?.value, becomes);
  const conflicts = dnsConflicts(planned, [policy], mark);
  assert.deepEqual(
    conflicts.map((each) => [each.key, mergedText(each)]),
    [['_dmarc.example.org TXT', `"${becomes}"`]],
  );
  for (const [decision, isAdopted] of [
    ['adopt', true],
    ['replace', false],
  ] as const) {
    const given = { adopt: [], replace: [], [decision]: ['_dmarc.example.org TXT'] };
    const [conflict] = answerConflicts(conflicts, given, planned).answered;
    assert.equal(conflict?.answer === 'adopt' && conflict.as.value, isAdopted && becomes);
  }
  assert.deepEqual(
    [...existingTexts(textKinds.dmarc, planned, [policy], mark)],
    [],
    'nothing is left to keep',
  );
});
