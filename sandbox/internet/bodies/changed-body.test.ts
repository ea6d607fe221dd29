import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChangedBody, cut, slow } from './changed-body.ts';

const source = async function* (sizes: number[]): AsyncIterable<Buffer> {
  for (const size of sizes) yield Buffer.alloc(size);
};

async function lengthOf(change: ChangedBody, sizes: number[]): Promise<{ length: number; error?: string }> {
  let length = 0;
  try {
    for await (const chunk of change(source(sizes))) length += chunk.length;
    return { length };
  } catch (error) {
    return { length, error: String(error) };
  }
}

test('a cut body ends with an error after 1 MB, and a shorter one is whole', async () => {
  assert.deepEqual(await lengthOf(cut, [600_000, 600_000, 600_000]), {
    length: 1_000_000,
    error: 'Error: cut by order of a test',
  });
  assert.deepEqual(await lengthOf(cut, [600_000]), { length: 600_000 });
});

test('a slow body is whole, at 64 kB a second', async () => {
  const began = performance.now();
  assert.deepEqual(await lengthOf(slow, [6400, 6400]), { length: 12_800 });
  assert.ok(performance.now() - began > 190);
});
