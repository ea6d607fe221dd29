import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Layout } from '../store/layout.ts';
import { getState, newestState, putState } from './state-copies.ts';

test('keeps the newest copies of the state and returns them unchanged', () => {
  const root = mkdtempSync(join(tmpdir(), 'haven-states-'));
  try {
    const layout = new Layout(root);
    assert.deepEqual(newestState(layout), { id: null });
    const names = [1, 2, 3, 4, 5, 6, 7].map((day) => `2026010${day}T120000Z-abcdef`);
    for (const each of names) putState(layout, each, `sealed ${each}`);
    assert.deepEqual(newestState(layout), { id: names[6] });
    assert.deepEqual(getState(layout, names[2]!), { id: names[2], sealed: `sealed ${names[2]}` });
    assert.throws(() => getState(layout, names[1]!), /This server has no copy/);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('refuses a name that leads to another folder', () => {
  const layout = new Layout('/nowhere');
  assert.throws(() => putState(layout, '../../etc/passwd', 'x'), /is not a valid name/);
  assert.throws(() => getState(layout, '../secrets/x'), /This server has no copy/);
});
