import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countTests, renderFailures, renderTimes, type TimesEntry } from './times-table.ts';

const entries: TimesEntry[] = [
  { kind: 'file', name: 'core/a.test.ts', ms: 1200, passed: 3, failed: 0 },
  { kind: 'journey', name: 'portal', ms: 9000, passed: 1, failed: 0 },
  { kind: 'journey', name: 'gitea', ms: 31_000, passed: 0, failed: 1 },
  { kind: 'file', name: 'test/e2e/journeys.test.ts', ms: 45_300, passed: 4, failed: 1 },
  { kind: 'all', name: '', ms: 47_000, passed: 7, failed: 1 },
];

test('the longest file comes first, with its journeys in order, and what failed is marked', () => {
  assert.equal(
    renderTimes(entries, 'Seconds by file'),
    [
      'Seconds by file',
      '    45.3 s  test/e2e/journeys.test.ts  FAILED',
      '     9.0 s    portal',
      '    31.0 s    gitea  FAILED',
      '     1.2 s  core/a.test.ts',
    ].join('\n'),
  );
});

test('tests are counted once, by the runs as a whole', () => {
  assert.deepEqual(countTests([...entries, { kind: 'all', name: '', ms: 1, passed: 2, failed: 3 }]), {
    passed: 9,
    failed: 4,
  });
});

test('every failure is shown with what was thrown, and a long one is cut', () => {
  const failure = { kind: 'failure', file: 'test/layers/mail.test.ts', name: 'a login' } as const;
  const lines = Array.from({ length: 99 }, (_, n) => `line ${n}`);
  const [first, second] = renderFailures([
    { ...failure, why: 'Error: refused\n    at mail.ts:7:1' },
    { ...failure, why: lines.join('\n') },
  ]).split('\n\n');
  assert.equal(first, '✖ a login (test/layers/mail.test.ts)\n    Error: refused\n        at mail.ts:7:1');
  assert.equal(second?.split('\n').length, 31);
});
