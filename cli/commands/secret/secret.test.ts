import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fails, interrupt, openCloud, succeeds, type } from '../../../test/support/typist.ts';
import { ownerSecretNames } from '../../project/owner-secrets.ts';

const good = 'x'.repeat(64);

test('saves a token that works, and keeps the former one', async () => {
  const cloud = await openCloud();
  // The emulator accepts the token of the environment; the pasted one has a line end.
  const first = await succeeds('secret set', ['hcloud-token'], { once: true, input: ` ${good}\n` });
  assert.deepEqual(first.json, { name: 'hcloud-token', previous: null });
  assert.equal((await cloud.secrets()).get('hcloud-token'), good);
  const other = 'y'.repeat(64);
  await type(['secret', 'set', 'hcloud-token', '--no-check'], { input: other });
  const again = await succeeds('secret set', ['hcloud-token'], { once: true, input: good });
  assert.deepEqual(again.json, { name: 'hcloud-token', previous: 'hcloud-token.previous' });
  assert.equal((await cloud.secrets()).get('hcloud-token.previous'), other);
});

test('refuses a value that cannot be right, and keeps the one that is saved', async () => {
  const cloud = await openCloud();
  await type(['secret', 'set', 'hcloud-token'], { input: good });
  for (const [input, said] of [
    ['', /the value is empty\. Nothing was changed/],
    ['x', /has 64 characters; this has 1\. Nothing was changed\..*--no-check/],
    [cloud.cloudflare.token, /looks like a Cloudflare token/],
    ['z'.repeat(64), /Hetzner does not accept this token/],
  ] as const)
    await fails(['secret', 'set', 'hcloud-token'], 'failed', said, { input });
  assert.equal((await cloud.secrets()).get('hcloud-token'), good);
});

test('only secrets that an owner gives can be set or removed', async () => {
  await openCloud();
  await fails(
    ['secret', 'set', 'my token'],
    'usage',
    new RegExp(`There are: ${ownerSecretNames.join(', ')}`),
  );
  await fails(['secret', 'set', 'hcloud-tokne'], 'usage', /Did you mean "hcloud-token"/);
  await fails(['secret', 'remove', 'host-key-a'], 'usage', /not a secret that you can set or remove/);
  await fails(['secret', 'set'], 'usage', /NAME is missing/);
});

test('a new password for sending is a new generation in haven.lock', async () => {
  const cloud = await openCloud();
  await type(['secret', 'set', 'sending-password'], { input: 'first-password' });
  await type(['secret', 'set', 'sending-password'], { answers: [[/sending-password:/, 'second-password']] });
  assert.match(cloud.read('haven.lock'), /"sending-password": 2/);
});

test('a key of an S3 storage is whole, without blanks, and not the other one; the server gets a new one', async () => {
  const cloud = await openCloud();
  const refuse = (name: string, input: string, said: RegExp) =>
    fails(['secret', 'set', name], 'failed', said, { input });
  await refuse('backup-s3-key', 'two words', /has blanks or characters that no key .*Nothing was changed/);
  await refuse('backup-s3-key', 'ab', /has fewer than 3 characters, so it is not a whole key/);
  await refuse('backup-s3-secret', 'short', /has fewer than 8 characters/);
  await type(['secret', 'set', 'backup-s3-key'], { input: ' my-access-key\n' });
  assert.equal((await cloud.secrets()).get('backup-s3-key'), 'my-access-key');
  await refuse('backup-s3-secret', 'my-access-key', /is the same value as backup-s3-key/);
  await type(['secret', 'set', 'backup-s3-key'], { input: 'other-access-key' });
  assert.match(cloud.read('haven.lock'), /"backup-s3-key": 2/);
  await fails(['secret', 'set', 'backup-password'], 'usage', /not a secret that you can set or remove/);
});

test('lists names, never a value', async () => {
  await openCloud();
  await type(['secret', 'set', 'sending-password'], { input: 'not-to-be-seen' });
  const { screen, json } = await succeeds<string[]>('secret list');
  assert.ok(json.includes('sending-password'));
  assert.doesNotMatch(screen.stdout, /not-to-be-seen/);
});

test('prints a value to a pipe at once, and to a screen after a yes', async () => {
  await openCloud();
  await type(['secret', 'set', 'sending-password'], { input: 'the-password' });
  const name = ['secret', 'show', 'sending-password'];
  const { screen, json } = await succeeds('secret show', ['sending-password']);
  assert.equal(screen.stdout, 'the-password\n');
  assert.deepEqual(json, { name: 'sending-password', value: 'the-password' });
  const asked = await type(name, {
    screen: true,
    answers: [[/shows sending-password on your screen/, false]],
  });
  assert.deepEqual([asked.code, asked.stdout], [4, '']);
  await fails(['secret', 'show', 'nope'], 'usage', /holds no secret "nope".*sending-password/);
});

test('removes a secret and the value before it after a yes', async () => {
  const cloud = await openCloud();
  await type(['secret', 'set', 'sending-password'], { input: 'one' });
  await type(['secret', 'set', 'sending-password'], { input: 'two' });
  const typed = ['secret', 'remove', 'sending-password'];
  await fails(typed, 'declined', /removes sending-password and sending-password\.previous.*--yes/);
  await fails(typed, 'interrupted', /Nothing was changed/, { answers: [[/Continue/, interrupt]] });
  const { json } = await succeeds('secret remove', ['sending-password', '--yes'], { once: true });
  assert.deepEqual(json, { name: 'sending-password', removed: true });
  assert.deepEqual((await cloud.secrets()).names(), []);
});
