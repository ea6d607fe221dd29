import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBucketName, readPublicKey } from './names.ts';

test('a bucket is made only under a name that S3 allows', () => {
  for (const name of ['ada', 'ada-backups-2', 'a'.repeat(63)]) assert.equal(readBucketName(name), name);
  for (const name of ['ad', 'Ada', '../ada', 'ada/b', 'ada.b', '-ada', 'a'.repeat(64), 'ada\n', undefined])
    assert.throws(() => readBucketName(name), /is not a name for a bucket: a-z/);
});

test('a Storage Box opens to one public key at a time, which has no options', () => {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGgB6yHiDXPRB9m7rDaPHdyBPNwzWO2FwHjRL7dTVhKq';
  assert.equal(readPublicKey(`${key}\n`), key);
  assert.equal(readPublicKey(`${key} haven of ada`), `${key} haven of ada`);
  for (const value of ['', 'ssh-ed25519', `${key} x\n${key}`, `command="id" ${key}`, undefined, 1])
    assert.throws(() => readPublicKey(value), /is not a public key of SSH/);
});
