import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dmarcTags, dmarcTagsBeside, joinDmarcTags, withDmarcTags } from './dmarc.ts';

const ours = 'v=DMARC1; p=none; np=reject; rua=mailto:dmarc-reports@example.org';

const merged: [what: string, existing: string, together: string][] = [
  [
    'keeps a stricter policy',
    'v=DMARC1; p=reject',
    'v=DMARC1; p=reject; np=reject; rua=mailto:dmarc-reports@example.org',
  ],
  [
    'keeps where reports go, all receivers of them',
    'v=DMARC1; p=quarantine; rua=mailto:a@x.example,  mailto:b@y.example!10m; ruf=mailto:c@x.example; fo=1',
    'v=DMARC1; p=quarantine; rua=mailto:a@x.example,mailto:b@y.example!10m; ruf=mailto:c@x.example; fo=1; np=reject',
  ],
  [
    'leaves names that do not exist to the policy of all names below',
    'v=DMARC1;p=reject;sp=none',
    'v=DMARC1; p=reject; sp=none; rua=mailto:dmarc-reports@example.org',
  ],
  [
    'keeps how strictly names are compared, a test, and tags that are not known yet',
    'v=DMARC1; p=reject; adkim=s; aspf=s; t=y; psd=n; np=quarantine; later=1',
    'v=DMARC1; p=reject; adkim=s; aspf=s; t=y; psd=n; np=quarantine; later=1; rua=mailto:dmarc-reports@example.org',
  ],
  [
    'leaves out what RFC 9989 removed, without a change of what holds',
    'v=DMARC1; p=reject; pct=100; rf=afrf; ri=86400',
    'v=DMARC1; p=reject; np=reject; rua=mailto:dmarc-reports@example.org',
  ],
  [
    'writes a policy for no mail at all as the test that it was',
    'v=DMARC1; p=reject; pct=0',
    'v=DMARC1; p=reject; t=y; np=reject; rua=mailto:dmarc-reports@example.org',
  ],
  [
    'keeps a policy for a part of all mail, which some still follow',
    'v=DMARC1; p=reject; pct=25',
    'v=DMARC1; p=reject; pct=25; np=reject; rua=mailto:dmarc-reports@example.org',
  ],
  ['leaves out what is not valid', 'v=DMARC1; p=rejekt; =x; sp; adkim=strict', ours],
  [
    'puts the policy first',
    'v=DMARC1; sp=none; P = Reject',
    'v=DMARC1; p=Reject; sp=none; rua=mailto:dmarc-reports@example.org',
  ],
];
for (const [what, existing, together] of merged)
  test(`an owner's DMARC text and ours as one: ${what}`, () => {
    const text = withDmarcTags(ours, dmarcTags(existing));
    assert.equal(text, together);
    assert.equal(withDmarcTags(ours, dmarcTags(text)), text, 'merging again changes nothing');
    assert.deepEqual(dmarcTagsBeside(text, existing), [], 'nothing of theirs is left to keep');
  });

test('without one of the owner, ours is as it is', () => {
  assert.equal(withDmarcTags(ours, []), ours);
});

test('a text of another version is not DMARC', () => {
  for (const text of ['v=DMARC2; p=reject', 'p=reject; v=DMARC1', 'v=dmarc1; p=reject', 'v=DMARC1 p=reject'])
    assert.deepEqual(dmarcTags(text), [], text);
});

test('of a tag that is found again, the newer value counts', () => {
  assert.deepEqual(joinDmarcTags(['p=none', 'sp=none'], ['p=reject']), ['p=reject', 'sp=none']);
});
