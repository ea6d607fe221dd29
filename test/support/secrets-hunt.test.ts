import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { secretPart } from './secrets-hunt.ts';

test('of a key beside its certificate the private half is searched for, wrapped as a file or as JSON', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const certificate = `-----BEGIN CERTIFICATE-----\n${'A'.repeat(64)}\n-----END CERTIFICATE-----\n`;
  const part = secretPart(certificate + key);
  assert.ok(key.includes(part) && part.length >= 30);
  assert.equal(secretPart(JSON.stringify({ key })), part);
});

test('of a password all of it is searched for, without the line end of its file', () => {
  assert.equal(secretPart('correct horse\n'), 'correct horse');
});
