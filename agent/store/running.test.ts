import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Entry } from '../../core/operations/entries.ts';
import { appendEntry } from './journal.ts';
import { Layout } from './layout.ts';
import { awaitsLogin } from './running.ts';

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
const open = (id: string, from: string | null, to: string | null): Entry => ({
  entry: 'open',
  at,
  operation: { id, service: 'keycloak', from, to, by: 'ada', touchesPrograms: true },
});

test('a service waits with its client until the first operation of the login has ended, and then no more', () => {
  assert.equal(awaitsLogin(layout, patient), true, 'there is no login yet');
  write(open('1', null, 'a'));
  assert.equal(awaitsLogin(layout, patient), true, 'it starts');
  write({ entry: 'commit', at, op: '1' });
  assert.equal(awaitsLogin(layout, patient), true, 'it is still in maintenance');
  write({ entry: 'finished', at, op: '1', outcome: 'committed' });
  assert.equal(awaitsLogin(layout, patient), false);
  write(open('2', 'a', 'b'));
  assert.equal(awaitsLogin(layout, patient), false, 'an upgrade of the login is waited for');
});

test('a login whose first operation was undone is still to come', () => {
  write(open('1', null, 'a'), { entry: 'finished', at, op: '1', outcome: 'undone' });
  assert.equal(awaitsLogin(layout, patient), true);
});

test('a service that asks the login when it starts never does without', () => {
  assert.equal(awaitsLogin(layout, { login: { redirectUris: [] } }), false);
  assert.equal(awaitsLogin(layout, {}), false);
});
