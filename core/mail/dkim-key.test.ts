import assert from 'node:assert/strict';
import { createPublicKey, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import {
  dkimGeneration,
  dkimName,
  dkimPublicKeys,
  dkimText,
  ed25519Selector,
  ed25519Text,
  firstSelector,
  generateDkimKey,
  generateEd25519Key,
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

test('a second key is in DNS as its 32 bytes', () => {
  const ed25519 = generateEd25519Key(ed25519Selector('2026a'));
  const keys = { 'example.org': { ...generateDkimKey('2026a'), ed25519 } };
  const publicKey = dkimPublicKeys(parseDkimKeys(JSON.stringify(keys)))['example.org']!.ed25519!;
  assert.equal(publicKey.selector, '2026a-ed25519');
  const inDns = /^v=DKIM1; k=ed25519; h=sha256; p=([\w+/]{43}=)$/.exec(ed25519Text(publicKey))![1]!;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(inDns, 'base64').toString('base64url') };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const signature = sign(null, Buffer.from('a mail'), ed25519.privateKey);
  assert.ok(verify(null, Buffer.from('a mail'), key, signature));
  assert.ok(!verify(null, Buffer.from('another mail'), key, signature));
});

test('a new domain or a second key raises the generation, one that is no longer wanted does not lower it', () => {
  const [first, second] = ['example.org', 'second.example'];
  const generation = (known: Record<string, { ed25519?: object }>, domains: string[], ed25519 = false) =>
    dkimGeneration(known, { domains, ed25519 });
  assert.equal(generation({}, [first]), 1);
  assert.equal(generation({ [first]: {} }, [first]), 1, 'made, it is the same');
  assert.equal(generation({ [first]: {} }, [first, second]), 2);
  assert.equal(generation({ [first]: {}, [second]: {} }, [first]), 2);
  assert.equal(generation({ [first]: {} }, [first], true), 2);
  assert.equal(generation({ [first]: { ed25519: {} } }, [first], true), 2, 'made, it is the same');
  assert.equal(generation({ [first]: { ed25519: {} } }, [first]), 2);
});
