import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { findStateFile, readSalt, readStateFile } from './state-file.ts';

function backendWith(checkpoint: object): { backend: string } {
  const folder = mkdtempSync(join(tmpdir(), 'haven-state-'));
  mkdirSync(join(folder, '.pulumi/stacks/openhaven'), { recursive: true });
  const file = join(folder, '.pulumi/stacks/openhaven/club.json');
  writeFileSync(file, JSON.stringify({ version: 3, checkpoint }));
  return { backend: pathToFileURL(folder).href };
}

test("a stack's file reads as the engine's own export", () => {
  const latest = { manifest: {}, resources: [{ urn: 'urn:x', type: 'x:y:Z' }] };
  const { backend } = backendWith({ stack: 'organization/openhaven/club', latest });
  const file = findStateFile(backend, 'openhaven', 'club');
  assert.ok(file);
  assert.deepEqual(readStateFile(file), { version: 3, deployment: latest });
});

test('a stack that has never run has an empty deployment', () => {
  const { backend } = backendWith({ stack: 'organization/openhaven/club' });
  assert.equal(readStateFile(findStateFile(backend, 'openhaven', 'club')!).deployment, null);
});

test('there is no file for a stack that does not exist, nor in a bucket', () => {
  const { backend } = backendWith({});
  assert.equal(findStateFile(backend, 'openhaven', 'other'), undefined);
  assert.equal(findStateFile('s3://bucket', 'openhaven', 'club'), undefined);
});

test('the salt is that of the passphrase, and there is none before a first run', () => {
  const salt = 'v1:fRoT090GMsw=:v1:ypmN';
  const saltOf = (latest?: object) =>
    readSalt(findStateFile(backendWith({ latest }).backend, 'openhaven', 'club')!);
  assert.equal(saltOf({ secrets_providers: { type: 'passphrase', state: { salt } } }), salt);
  assert.equal(saltOf({ secrets_providers: { type: 'cloud', state: { salt } } }), undefined);
  assert.equal(saltOf(), undefined);
});
