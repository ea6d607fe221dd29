import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeptConnection } from './kept-connection.ts';

function counted({ idleMs = 10_000, refuses = 0 } = {}) {
  const ended: number[] = [];
  let opened = 0;
  const kept = new KeptConnection<{ number: number }>({
    async open() {
      await sleep(5);
      opened += 1;
      if (opened <= refuses) throw new Error('refused');
      return { number: opened };
    },
    end: ({ number }) => void ended.push(number),
    idleMs,
  });
  return { kept, ended, opened: () => opened, number: () => kept.use(async ({ number }) => number) };
}

test('two who need a connection at once share one, and closing leaves none open', async () => {
  const { kept, ended, number } = counted();
  assert.deepEqual(await Promise.all([number(), number()]), [1, 1]);
  assert.equal(await number(), 1);
  kept.close();
  assert.deepEqual(ended, [1]);
});

test('a connection that broke is not used again', async () => {
  const { kept, ended, number } = counted();
  await kept.use(async (connection) => kept.drop(connection));
  assert.equal(await number(), 2);
  kept.close();
  assert.deepEqual(ended, [1, 2]);
});

test('the end of an older connection leaves the newer one alone', async () => {
  const { kept, number } = counted();
  const first = await kept.use(async (connection) => connection);
  kept.drop(first);
  assert.equal(await number(), 2);
  kept.drop(first);
  assert.equal(await number(), 2);
  kept.close();
});

test('who could not connect is told, and the next one tries again', async () => {
  const { kept, number } = counted({ refuses: 1 });
  await assert.rejects(number(), /refused/);
  assert.equal(await number(), 2);
  kept.close();
});

test('one that nobody uses is ended, and one in use is not', async () => {
  const { kept, ended, number } = counted({ idleMs: 20 });
  await kept.use(async () => {
    await number();
    await sleep(60);
    assert.deepEqual(ended, []);
  });
  await sleep(60);
  assert.deepEqual(ended, [1]);
});
