import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneAtATime } from './one-at-a-time.ts';

test('runs work once at a time, on the newest state, and tells each caller how it went', async () => {
  let value = 0;
  let running = 0;
  const seen: number[] = [];
  const publish = oneAtATime(async () => {
    running += 1;
    assert.equal(running, 1, 'never beside itself');
    seen.push(value);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
    if (seen.length === 2) throw new Error('the second run fails');
  });
  value = 1;
  const first = publish();
  await new Promise((resolve) => setTimeout(resolve, 1));
  value = 2;
  const second = publish();
  value = 3;
  const third = publish();
  await first;
  await assert.rejects(second, /second run/);
  await assert.rejects(third, /second run/);
  await publish();
  assert.deepEqual(seen, [1, 3, 3]);
});
