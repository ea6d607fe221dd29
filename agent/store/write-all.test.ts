import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../../test/support/scratch.ts';
import { writeAll } from './write-all.ts';

test('writes the rest of what the kernel took a part of', () => {
  const path = join(scratch('write'), 'file');
  const handle = openSync(path, 'w');
  writeAll(handle, Buffer.from('all of it'), (to, data, from, length) =>
    writeSync(to, data, from, Math.min(length, 4)),
  );
  closeSync(handle);
  assert.equal(readFileSync(path, 'utf8'), 'all of it');
});

test('reports a write that never ends', () => {
  assert.throws(() => writeAll(1, Buffer.from('all of it'), () => 0), /Only 0 of 9 bytes/);
});
