import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unanswered } from './dns-answer.ts';
import { foldUnanswered } from './fold-unanswered.ts';

const silent = ['MX a.test', 'SPF a.test'].map((what) => ({ what, ...unanswered.silent }));

test('what was not answered for one reason is one check', () => {
  assert.deepEqual(foldUnanswered('a.test', silent), [
    { what: 'all 2 checks of a.test', ...unanswered.silent },
  ]);
});

test('checks of which one says something are all shown', () => {
  const good = { what: 'A a.test', result: 'good', evidence: '192.0.2.1' } as const;
  for (const checks of [
    [...silent, good],
    [...silent, { what: 'A a.test', ...unanswered.error }],
    [good],
    [],
  ])
    assert.deepEqual(foldUnanswered('a.test', checks), checks);
});
