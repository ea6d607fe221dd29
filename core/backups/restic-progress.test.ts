import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from './restic-progress.ts';

const status = (bytes: number, seconds: number): string =>
  `{"message_type":"status","seconds_elapsed":${seconds},"percent_done":0.5,"files_done":1,"bytes_done":${bytes}}\n`;

test('only a number that has grown is progress, however often it is reported', () => {
  const progress = new Progress();
  const hasMoved = (text: string) => progress.read(text).hasMoved;
  assert.equal(hasMoved(status(10, 1)), true);
  assert.equal(hasMoved(status(10, 6)), false);
  assert.equal(hasMoved(status(20, 11)), true);
  assert.equal(
    hasMoved('Save(<data/1>) returned error, retrying after 1s: connection refused\n'),
    false,
    'a try that failed is none',
  );
  assert.equal(hasMoved('repacking packs\n'), true);
});

test('a line that arrives in pieces counts once, when it is complete', () => {
  const progress = new Progress();
  progress.read(status(10, 1));
  const again = status(10, 6);
  assert.deepEqual(progress.read(again.slice(0, 90)), { lines: [], hasMoved: false });
  assert.deepEqual(progress.read(again.slice(90)), { lines: [again.trim()], hasMoved: false });
});
