import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unanswered } from './dns-answer.ts';
import { foldUnanswered } from './fold-unanswered.ts';

const good = { what: 'A a.test', result: 'good', evidence: '192.0.2.1' } as const;
const of = (reason: 'silent' | 'error', count: number) =>
  Array.from({ length: count }, (_, n) => ({ what: `MX ${n}.a.test`, ...unanswered[reason] }));

test('what was not answered for one reason is one check, before the others', () => {
  assert.deepEqual(foldUnanswered('a.test', [good, ...of('silent', 4), ...of('error', 5)]), [
    { what: '4 checks of a.test', ...unanswered.silent },
    { what: '5 checks of a.test', ...unanswered.error },
    good,
  ]);
});

test('a few of them are all shown', () => {
  for (const checks of [[...of('silent', 3), good], [...of('silent', 2), ...of('error', 2)], [good], []])
    assert.deepEqual(foldUnanswered('a.test', checks), checks);
});
