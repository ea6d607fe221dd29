import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeSpf, spfTerms, withSpfTerms } from './spf.ts';

const ours = 'v=spf1 mx ~all';

const merged: [what: string, existing: string, together: string][] = [
  [
    'keeps what the owner allows, in its order',
    'v=spf1 include:a.example ip4:192.0.2.0/24 ip6:2001:db8::/32 -all',
    'v=spf1 mx include:a.example ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all',
  ],
  [
    'keeps what the owner refuses before what they allow',
    'v=spf1 -ip4:192.0.2.7 ip4:192.0.2.0/24 -all',
    'v=spf1 mx -ip4:192.0.2.7 ip4:192.0.2.0/24 ~all',
  ],
  [
    'names each server once, with and without a sign and capitals',
    'v=spf1 +mx A:Mail.example.net a:mail.example.net ?all',
    'v=spf1 mx A:Mail.example.net ~all',
  ],
  [
    'keeps a redirect, which would not count beside our end',
    'v=spf1 redirect=_spf.example.net',
    'v=spf1 mx include:_spf.example.net ~all',
  ],
  ['keeps modifiers at the end', 'v=spf1 exp=why.example.net a -all', 'v=spf1 mx a ~all exp=why.example.net'],
  [
    'keeps lengths of prefixes and macros',
    'v=spf1 a/24 mx:b.example/24//64 exists:%{i}._spf.example -all',
    'v=spf1 mx a/24 mx:b.example/24//64 exists:%{i}._spf.example ~all',
  ],
  ['leaves out what made the text void', 'v=spf1 inlcude:a.example ip4:fe80 a -all', 'v=spf1 mx a ~all'],
  ['says nothing of a text that allows nobody', 'v=spf1 -all', ours],
  ['reads blanks and capitals as resolvers do', 'V=SPF1  a   -ALL', 'v=spf1 mx a ~all'],
];
for (const [what, existing, together] of merged)
  test(`an owner's SPF text and ours as one: ${what}`, () => {
    assert.equal(mergeSpf(existing, ours), together);
    assert.equal(mergeSpf(together, ours), together, 'merging again changes nothing');
  });

test('only a text of this version is SPF', () => {
  for (const text of ['v=spf10 a -all', 'v=spf2.0/pra a', 'site-verification=1', 'xv=spf1 a'])
    assert.deepEqual(spfTerms(text), []);
});

test('what was kept goes into another text of ours as well', () => {
  assert.equal(withSpfTerms('v=spf1 -all', ['include:a.example']), 'v=spf1 include:a.example -all');
  assert.equal(withSpfTerms(ours, ['-all', 'exp=x.example']), 'v=spf1 mx ~all exp=x.example');
});
