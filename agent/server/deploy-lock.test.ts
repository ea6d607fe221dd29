import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployLockMs, grant } from './deploy-lock.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const held = grant(null, 'run-1', 'ada@laptop', now);

test('grants a free deploy lock, with a time at which it expires', () => {
  assert.equal(Date.parse(held.until), now + deployLockMs);
  assert.equal(grant(held, 'run-2', 'ben@desk', now + deployLockMs).holder, 'ben@desk');
});

test('refuses a second holder, and names the first', () => {
  assert.throws(
    () => grant(held, 'run-2', 'ben@desk', now + deployLockMs - 1),
    /ada@laptop is changing this server/,
  );
});

test('lets its holder renew it, and take it again after an interruption', () => {
  assert.equal(
    grant(held, 'run-1', 'ada@laptop', now + 5000).until,
    new Date(now + 5000 + deployLockMs).toISOString(),
  );
  assert.equal(grant(held, 'run-3', 'ada@laptop', now + 5000).id, 'run-3');
});
