import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../../test/support/scratch.ts';
import { parseLoginKeys, writeLoginKeys } from './login-keys.ts';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'key_1-x', alg: 'ES256', use: 'sig' };
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const set = (...keys: object[]) => JSON.stringify({ keys });

test('of the keys that the login shows, those that sign its tokens count', () => {
  const others = [
    { ...jwk, kid: 'rsa', alg: 'RS256' },
    { ...jwk, kid: 'enc', use: 'enc' },
  ];
  const keys = parseLoginKeys(set(...others, jwk));
  assert.deepEqual(Object.keys(keys), ['key_1-x']);
  assert.ok(createPublicKey(keys['key_1-x']!).equals(publicKey));
});

test('a login without such a key, or with an id that is not the name of a file, is an error', () => {
  assert.throws(() => parseLoginKeys(set()), /no key for ES256/);
  assert.throws(() => parseLoginKeys(set({ ...jwk, kid: '../../etc/x' })), /not a plain name: "\.\.\/\.\./);
});

test('a new key is added for other users to read, and one that is gone is removed', () => {
  const folder = join(scratch('login-keys'), 'mail', 'webmail');
  writeLoginKeys(folder, { one: pem });
  assert.equal(readFileSync(join(folder, 'ES256', 'one'), 'utf8'), pem);
  assert.equal(statSync(join(folder, 'ES256', 'one')).mode & 0o777, 0o644);
  const before = statSync(join(folder, 'ES256', 'one')).ino;
  writeLoginKeys(folder, { one: pem, two: pem });
  assert.equal(statSync(join(folder, 'ES256', 'one')).ino, before, 'what is right is not written again');
  const draft = join(folder, 'ES256', 'three.draft-1');
  writeFileSync(draft, '');
  writeLoginKeys(folder, { two: pem });
  assert.deepEqual(readdirSync(join(folder, 'ES256')).sort(), ['three.draft-1', 'two']);
  assert.ok(existsSync(draft), 'another process is writing it');
});
