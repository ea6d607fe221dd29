import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Entry } from '../../core/operations/entries.ts';
import { scratch } from '../../test/support/scratch.ts';
import { appendEntry, parseJournal, readJournal, renderLine } from './journal.ts';

const entry = (step: 'prepare' | 'start'): Entry => ({
  entry: 'do',
  at: '2026-01-01T00:00:00Z',
  op: 'op-ü',
  step,
});
const file = () => join(scratch('journal'), 'service.jsonl');

test('reads entries back as written, in order', () => {
  const path = file();
  appendEntry(path, entry('prepare'));
  appendEntry(path, entry('start'));
  assert.deepEqual(readJournal(path), [entry('prepare'), entry('start')]);
});

test('treats a missing journal as empty', () => {
  assert.deepEqual(readJournal(file()), []);
});

test('ignores a line cut off at any byte, and replaces it with the next entry', () => {
  const whole = renderLine(entry('start'));
  for (let bytes = 0; bytes < Buffer.byteLength(whole); bytes++) {
    const path = file();
    appendEntry(path, entry('prepare'));
    appendFileSync(path, Buffer.from(whole).subarray(0, bytes));
    assert.deepEqual(readJournal(path), [entry('prepare')], `${bytes} bytes`);
    appendEntry(path, entry('start'));
    assert.deepEqual(readJournal(path), [entry('prepare'), entry('start')], `${bytes} bytes, then appended`);
  }
});

test('reads only whole lines of a file that a power cut extended with zeros', () => {
  const path = file();
  appendEntry(path, entry('prepare'));
  truncateSync(path, readFileSync(path).length + 300);
  assert.deepEqual(readJournal(path), [entry('prepare')]);
});

test('reports damage before the last line instead of skipping it', () => {
  const path = file();
  const lines =
    renderLine(entry('prepare')).replace('prepare', 'prepXre') +
    renderLine(entry('start')) +
    renderLine(entry('start'));
  writeFileSync(path, lines);
  assert.throws(() => readJournal(path), /entry 1 is damaged/);
  assert.throws(() => parseJournal(Buffer.from(lines)), /its data is not changed/);
});
