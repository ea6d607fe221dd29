import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../test/support/scratch.ts';
import { withLock } from './with-lock.ts';

const file = (): string => join(scratch('lock'), 'it.lock');

test('a lock that stays taken is not waited for longer than its limit', async () => {
  const lock = file();
  await withLock(lock, async () => {
    const waiting = withLock(lock, async () => 'taken twice', { waitMs: 300 });
    await assert.rejects(waiting, (error: Error) => {
      assert.match(error.message, /it\.lock: another process has held this lock for 0\.3 s\..*fuser -v/);
      return true;
    });
  });
});

test('a lock that becomes free within the limit is taken', async () => {
  const lock = file();
  let second: Promise<string> | undefined;
  await withLock(lock, async () => {
    second = withLock(lock, async () => 'taken', { waitMs: 20_000 });
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
  assert.equal(await second, 'taken');
});
