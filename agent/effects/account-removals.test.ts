import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Release } from '../../core/release/release.ts';
import { Layout } from '../store/layout.ts';
import {
  keepAccounts,
  pendingAccountRemovals,
  removeAccounts,
  retryAccountRemovals,
} from './account-removals.ts';

let root: string;
let layout: Layout;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'haven-accounts-'));
  layout = new Layout(root);
  addSilentLogin();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const gitea = { service: 'gitea', login: {} } as Release;
const isProtected = { service: 'website', login: {} } as Release;
const isPublic = { service: 'website' } as Release;

/** A login whose release is on this server, and whose port nothing listens at. */
function addSilentLogin(): void {
  const folder = layout.release('keycloak', 'a');
  mkdirSync(folder, { recursive: true });
  const network = { kind: 'bridge', name: 'b', loopbackPorts: { http: 1 } };
  const release = {
    service: 'keycloak',
    network,
    secrets: { 'admin-secret': { generation: 1, readers: {} } },
  };
  writeFileSync(join(folder, 'bundle.json'), JSON.stringify({ release, files: {} }));
  symlinkSync(join('releases', 'a'), layout.current('keycloak'));
  const secret = layout.secret('keycloak', 'admin-secret', 1);
  mkdirSync(dirname(secret), { recursive: true });
  writeFileSync(secret, 'secret');
}

test('a login that does not answer keeps no operation open: its client is removed later', async () => {
  await removeAccounts(layout, gitea, undefined);
  assert.deepEqual(pendingAccountRemovals(layout), ['gitea']);
  await retryAccountRemovals(layout);
  assert.deepEqual(pendingAccountRemovals(layout), ['gitea'], 'it is tried until it succeeds');
});

test('a service that is deployed again keeps its accounts', async () => {
  await removeAccounts(layout, gitea, undefined);
  await keepAccounts(layout, gitea);
  assert.deepEqual(pendingAccountRemovals(layout), []);
});

test('a website that becomes public loses its client, even if the login answers after its next deploy', async () => {
  await removeAccounts(layout, isProtected, isProtected);
  assert.deepEqual(pendingAccountRemovals(layout), []);
  await removeAccounts(layout, isProtected, isPublic);
  await keepAccounts(layout, isPublic);
  assert.deepEqual(pendingAccountRemovals(layout), ['website']);
});

test('a website that is protected again keeps its client', async () => {
  await removeAccounts(layout, isProtected, isPublic);
  await keepAccounts(layout, isProtected);
  assert.deepEqual(pendingAccountRemovals(layout), []);
});

test('nothing has to be removed from a login that is gone', async () => {
  await removeAccounts(layout, gitea, undefined);
  rmSync(layout.current('keycloak'));
  await retryAccountRemovals(layout);
  assert.deepEqual(pendingAccountRemovals(layout), []);
});
