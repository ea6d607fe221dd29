import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitBytes, quotaMove, quotaOf } from './quota-limit.ts';

test('the bytes of a limit say its quota, and whether it is raised', () => {
  for (let quotaGb = 1; quotaGb <= 10240; quotaGb++)
    for (const isRaised of [false, true])
      assert.deepEqual(quotaOf(limitBytes(quotaGb, { isRaised })), { quotaGb, isRaised });
});

test('a limit that something else has set is not a quota of a plan', () => {
  assert.deepEqual(quotaOf(1.5e9), { quotaGb: 1.5, isRaised: false });
});

test('the limit is raised once for data that is full, and lowered when there is space again', () => {
  const limit = limitBytes(2);
  const raised = limitBytes(2, { isRaised: true });
  assert.equal(quotaMove(1.9e9, limit), 'none');
  assert.equal(quotaMove(limit - 16384, limit), 'raise');
  assert.equal(quotaMove(raised, raised), 'none', 'and not a second time');
  assert.equal(quotaMove(1.95e9, raised), 'none');
  assert.equal(quotaMove(1.7e9, raised), 'lower');
});
