import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Layout } from '../store/layout.ts';
import { getState, newestState, putState } from './state-copies.ts';

function emptyServer(t: TestContext): Layout {
  const root = mkdtempSync(join(tmpdir(), 'haven-states-'));
  t.after(() => rmSync(root, { recursive: true }));
  return new Layout(root);
}

const place = '3fa9c1d2';

test('numbers the copies of the state, keeps the newest and returns them unchanged', (t) => {
  const layout = emptyServer(t);
  assert.equal(newestState(layout), null);
  const ids: string[] = [];
  for (let each = 1; each <= 12; each++)
    ids.push(putState(layout, `sealed ${each}`, { place, basedOn: ids.at(-1) ?? null }).id);
  assert.deepEqual(
    ids.map((id) => id.split('-')[0]),
    ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'],
  );
  assert.equal(newestState(layout), ids[11]);
  assert.deepEqual(getState(layout, ids[7]!), { id: ids[7], sealed: 'sealed 8' });
  assert.throws(() => getState(layout, ids[6]!), /This server has no copy/);
  assert.equal(readdirSync(layout.states).length, 5);
});

test('refuses a copy that is not based on the newest, and keeps the newest', (t) => {
  const layout = emptyServer(t);
  const first = putState(layout, 'a', { place, basedOn: null }).id;
  const second = putState(layout, 'b', { place, basedOn: first }).id;
  for (const basedOn of [null, first])
    assert.throws(
      () => putState(layout, 'c', { place, basedOn }),
      /changed from elsewhere: the newest copy of its state is 2-.*haven state show/,
    );
  assert.equal(newestState(layout), second);
  assert.equal(readdirSync(layout.states).length, 2);
});

test('refuses a name that leads to another folder', () => {
  assert.throws(() => getState(new Layout('/nowhere'), '../secrets/x'), /This server has no copy/);
});
