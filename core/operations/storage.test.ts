import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeUse, judgeUse } from './storage.ts';

test('an owner is told of a disk from 80 % on', () => {
  const judged = [0, 79, 80, 94, 95, 101].map((usedBytes) => judgeUse({ usedBytes, totalBytes: 100 }));
  assert.deepEqual(judged, ['well', 'well', 'high', 'high', 'full', 'full']);
});

test('use is shown in GB as providers count them', () => {
  assert.equal(describeUse({ usedBytes: 4_237_000_000, totalBytes: 5e9 }), '4.2 of 5 GB');
  assert.equal(describeUse({ usedBytes: 16384, totalBytes: 1e9 }), '0.0 of 1 GB');
  assert.equal(describeUse({ usedBytes: 12_800_000_000, totalBytes: 42_949_672_960 }), '13 of 43 GB');
});
