import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Entry } from '../../core/operations/entries.ts';
import { appendEntry } from '../store/journal.ts';
import { Layout } from '../store/layout.ts';
import { awaitsLogin } from './awaits-login.ts';

let root: string;
let layout: Layout;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'haven-running-'));
  layout = new Layout(root);
  mkdirSync(dirname(layout.journal('keycloak')), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const patient = { login: { redirectUris: [], mayComeLater: true as const } };
const at = '2026-01-01T00:00:00.000Z';
const write = (...entries: Entry[]) => {
  for (const entry of entries) appendEntry(layout.journal('keycloak'), entry);
};
const open = (id: string, from: string | null, to: string | null, isUnwell = false): Entry => ({
  entry: 'open',
  at,
  operation: {
    ...{ id, service: 'keycloak', from, to, by: 'ada', touchesPrograms: true },
    ...(isUnwell ? { unhealthyBefore: ['keycloak'] } : {}),
  },
});
const finished = (op: string, outcome: 'committed' | 'undone'): Entry => ({
  entry: 'finished',
  at,
  op,
  outcome,
});
/** On a server with so many containers of the login, asked by a process of its own. */
const waits = (containers: number) =>
  awaitsLogin(new Layout(root), patient, async () => Array(containers).fill({}));

test('a service waits with its client until the first operation of the login has ended, and then no more', async () => {
  assert.equal(await waits(0), true, 'there is no login yet');
  write(open('1', null, 'a'));
  assert.equal(await waits(2), true, 'it starts');
  write({ entry: 'commit', at, op: '1' });
  assert.equal(await waits(2), true, 'it is still in maintenance');
  write(finished('1', 'committed'));
  assert.equal(await waits(2), false);
  write(open('2', 'a', 'b'));
  assert.equal(await waits(2), false, 'an upgrade of the login is waited for');
});

test('a login whose first operation was undone is still to come', async () => {
  write(open('1', null, 'a'), finished('1', 'undone'));
  assert.equal(await waits(0), true);
});

test('on a new server for a kept volume the login is still to come, until it runs there', async () => {
  write(open('1', null, 'a'), { entry: 'commit', at, op: '1' }, finished('1', 'committed'));
  assert.equal(await waits(0), true, 'its containers are on the server that is gone');
  write(open('2', 'a', 'a', true));
  assert.equal(await waits(2), true, 'it starts');
  write({ entry: 'commit', at, op: '2' }, finished('2', 'committed'));
  assert.equal(await waits(2), false);
});

test('a service that asks the login when it starts never does without', async () => {
  assert.equal(await awaitsLogin(layout, { login: { redirectUris: [] } }), false);
  assert.equal(await awaitsLogin(layout, {}), false);
});
