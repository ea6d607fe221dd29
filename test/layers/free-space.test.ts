import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { assertFreeSpace, type Disk } from '../../agent/data/free-space.ts';
import { run } from '../../system/run.ts';
import { scratch } from '../support/scratch.ts';

const mb = 1024 ** 2;

/** A disk for real: a file system in memory with so much space. */
async function disk(t: TestContext, name: string, sizeMb: number): Promise<Disk> {
  const path = join(scratch('disk'), name);
  mkdirSync(path);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'none', path]);
  t.after(() => run('umount', [path]));
  return { name, shortName: name, path, remedy: `Free ${name}.` };
}

test('an operation does not begin while a disk is full, and names each that is', async (t) => {
  const volume = await disk(t, 'volume', 64);
  const images = await disk(t, 'images', 4);
  await assertFreeSpace([volume, images], 4 * mb);
  await assert.rejects(assertFreeSpace([volume, images], 8 * mb), ({ message }: Error) => {
    assert.match(
      message,
      /^Only 4 MB are free on images \(\/.*\); at least 8 MB are required\. Free images\.\n/,
    );
    assert.doesNotMatch(message, /on volume/);
    assert.match(message, /Nothing was changed\. Then run: haven up$/);
    return true;
  });
  await assert.rejects(assertFreeSpace([volume, images], 128 * mb), /on volume[\s\S]*on images/);
});
