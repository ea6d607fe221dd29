import assert from 'node:assert/strict';
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../../test/support/scratch.ts';
import { isBlank } from './is-blank.ts';

const kib = 1024;
const gib = 1024 ** 3;

/** A sparse file as a device, with something written at each of these places. */
function device(bytes: number, ...written: number[]): string {
  const path = join(scratch('device'), 'volume.img');
  writeFileSync(path, '');
  truncateSync(path, bytes);
  const handle = openSync(path, 'r+');
  for (const place of written) writeSync(handle, '_BHRfS_M', place + 64);
  closeSync(handle);
  return path;
}

test('a device of zeros is blank, also a small one', () => {
  assert.ok(isBlank(device(300 * gib)));
  assert.ok(isBlank(device(10 * gib)));
  assert.ok(isBlank(device(64 * kib)));
});

test('a device with one of the three btrfs superblocks is not blank', () => {
  for (const place of [64 * kib, 64 * kib * kib, 256 * gib])
    assert.ok(!isBlank(device(300 * gib, place)), `at ${place}`);
});

test('a device with other data in its first 128 MiB is not blank', () => {
  assert.ok(!isBlank(device(10 * gib, 0)));
  assert.ok(!isBlank(device(10 * gib, 128 * kib * kib - 80)));
});
