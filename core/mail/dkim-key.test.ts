import assert from 'node:assert/strict';
import { createPublicKey, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import {
  dkimGeneration,
  dkimName,
  dkimPublicKeys,
  dkimText,
  firstSelector,
  generateDkimKey,
  parseDkimKeys,
} from './dkim-key.ts';

test('the key in DNS is the one that checks what the private key signs', () => {
  const key = generateDkimKey(firstSelector(2026));
  assert.match(key.privateKey, /^-----BEGIN PRIVATE KEY-----\n/);
  const publicKey = dkimPublicKeys({ 'example.org': key })['example.org']!;
  assert.equal(publicKey.selector, '2026a');
  const text = dkimText(publicKey);
  const inDns = createPublicKey({
    key: Buffer.from(/^v=DKIM1; k=rsa; h=sha256; p=([\w+/=]+)$/.exec(text)![1]!, 'base64'),
    type: 'spki',
    format: 'der',
  });
  assert.equal(inDns.asymmetricKeyDetails?.modulusLength, 2048);
  const signature = sign('sha256', Buffer.from('a mail'), key.privateKey);
  assert.ok(verify('sha256', Buffer.from('a mail'), inDns, signature));
  assert.ok(!verify('sha256', Buffer.from('another mail'), inDns, signature));
});

test('two keys are two keys', () => {
  assert.notEqual(generateDkimKey('2026a').privateKey, generateDkimKey('2026a').privateKey);
});

test('names the record by selector and domain', () => {
  assert.equal(dkimName('team.example.org', '2026a'), '2026a._domainkey.team.example.org');
});

test('reads stored keys, and refuses what are none', () => {
  assert.deepEqual(parseDkimKeys(undefined), {});
  const keys = { 'example.org': { selector: '2026a', privateKey: 'PEM' } };
  assert.deepEqual(parseDkimKeys(JSON.stringify(keys)), keys);
  for (const text of ['', '[]', '{"example.org": "PEM"}', '{"example.org": {"selector": "a"}}'])
    assert.throws(() => parseDkimKeys(text));
});

test('a new domain raises the generation, one that is no longer listed does not lower it', () => {
  assert.equal(dkimGeneration({}, ['example.org']), 1);
  assert.equal(dkimGeneration({ 'example.org': 1 }, ['example.org']), 1, 'made, it is the same');
  assert.equal(dkimGeneration({ 'example.org': 1 }, ['example.org', 'second.example']), 2);
  assert.equal(dkimGeneration({ 'example.org': 1, 'second.example': 1 }, ['example.org']), 2);
});
