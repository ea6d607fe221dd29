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

test('holders of a shared lock have it together, and one that is not shared waits for all of them', async () => {
  const lock = file();
  const order: string[] = [];
  let alone: Promise<unknown> | undefined;
  await withLock(
    lock,
    async () => {
      await withLock(lock, async () => order.push('second'), { isShared: true, waitMs: 5000 });
      alone = withLock(lock, async () => order.push('alone'), { waitMs: 20_000 });
      await new Promise((resolve) => setTimeout(resolve, 200));
      order.push('first');
    },
    { isShared: true },
  );
  await alone;
  assert.deepEqual(order, ['second', 'first', 'alone']);
});
