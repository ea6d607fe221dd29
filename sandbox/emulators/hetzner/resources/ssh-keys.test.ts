import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHetzner, smallServer } from '../../../../test/support/hetzner-client.ts';

const publicKey = `ssh-ed25519 ${Buffer.from('abc').toString('base64')} me`;

test('a key is shown with its MD5 fingerprint, and let into a new server', async (t) => {
  const { settle, state } = await openHetzner(t);
  const { ssh_key } = (await settle('POST', '/ssh_keys', { name: 'mine', public_key: publicKey })).body;
  assert.equal(
    ssh_key.fingerprint,
    '90:01:50:98:3c:d2:4f:b0:d6:96:3f:7d:28:e1:7f:72',
    "md5 of 'abc' (RFC 1321)",
  );
  await settle('POST', '/servers', { ...smallServer, ssh_keys: ['mine'] });
  assert.deepEqual(state.servers[0]?.ssh_keys, [ssh_key.id]);
});

test('refuses what is not a public key, and the same key or name twice', async (t) => {
  const { ask } = await openHetzner(t);
  assert.equal((await ask('POST', '/ssh_keys', { name: 'mine', public_key: 'abc' })).status, 422);
  await ask('POST', '/ssh_keys', { name: 'mine', public_key: publicKey });
  for (const again of [
    { name: 'other', public_key: publicKey },
    { name: 'mine', public_key: publicKey.replace('YWJj', 'YWJk') },
  ])
    assert.equal((await ask('POST', '/ssh_keys', again)).body.error.code, 'uniqueness_error');
});

test('a key is renamed and deleted', async (t) => {
  const { ask } = await openHetzner(t);
  const { id } = (await ask('POST', '/ssh_keys', { name: 'mine', public_key: publicKey })).body.ssh_key;
  await ask('PUT', `/ssh_keys/${id}`, { name: 'renamed' });
  assert.partialDeepStrictEqual((await ask('GET', '/ssh_keys?name=renamed')).body, { ssh_keys: [{ id }] });
  assert.equal((await ask('DELETE', `/ssh_keys/${id}`)).status, 204);
  assert.equal((await ask('GET', `/ssh_keys/${id}`)).status, 404);
});
