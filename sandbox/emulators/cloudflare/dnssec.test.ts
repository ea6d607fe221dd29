import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { askApi } from '../../../test/support/api-client.ts';
import { type Ds, dsOf } from '../../dnssec/zone-key.ts';
import { listenCloudflareEmulator } from './listen.ts';

interface Body {
  result: Record<string, unknown> & { status: string; public_key: string };
  errors: { code: number; message: string }[];
}

/** An account with example.org, whose registrar has the DS records in `atParent`. */
async function openZone(t: TestContext) {
  const atParent: Ds[] = [];
  const serials: number[] = [];
  const cloudflare = await listenCloudflareEmulator({
    zones: { 'example.org': [] },
    parentDs: (zone) => (zone === 'example.org' ? atParent : []),
    publish: async (zone) => void serials.push(zone.serial),
  });
  t.after(() => cloudflare.close());
  const path = `/zones/${cloudflare.state.zones[0]!.id}/dnssec`;
  const ask = (method: string, body?: unknown) => askApi<Body>(cloudflare, method, path, body);
  const status = async (method = 'GET', body?: unknown) => (await ask(method, body)).body.result.status;
  return { cloudflare, atParent, serials, ask, status };
}

test('a zone is not signed until DNSSEC is enabled, and has no key to show', async (t) => {
  const { ask, cloudflare } = await openZone(t);
  const { body } = await ask('GET');
  assert.partialDeepStrictEqual(body.result, { status: 'disabled', ds: null, modified_on: null });
  assert.equal(cloudflare.state.zones[0]!.dnssec, undefined);
});

test('enabled, it waits for the registrar and shows one key in all forms', async (t) => {
  const { ask, status, atParent, serials } = await openZone(t);
  const { body } = await ask('PATCH', { status: 'active' });
  const { result } = body;
  assert.partialDeepStrictEqual(result, {
    ...{ status: 'pending', flags: 257, algorithm: '13', digest_type: '2', digest_algorithm: 'SHA256' },
    key_type: 'ECDSAP256SHA256',
  });
  const ds = dsOf('example.org', result.public_key);
  assert.equal(result.key_tag, ds.keyTag);
  assert.equal(result.ds, `example.org. 3600 IN DS ${ds.keyTag} 13 2 ${result.digest}`);
  assert.equal(result.digest, ds.digest);
  assert.deepEqual(serials, [1, 2], 'the name servers were told');
  assert.equal(await status('PATCH', { status: 'active' }), 'pending');
  assert.deepEqual(serials, [1, 2], 'asked for again, nothing changes');

  atParent.push({ ...ds, digest: '0'.repeat(64) });
  assert.equal(await status(), 'pending', 'the DS of another key is not ours');
  atParent.push({ ...ds, digest: ds.digest.toLowerCase() });
  assert.equal(await status(), 'active');
  atParent.length = 0;
  assert.equal(await status(), 'pending');
});

test('disabled, it stays signed until the registrar has no DS record, and is deleted only then', async (t) => {
  const { ask, status, atParent, cloudflare } = await openZone(t);
  const { result } = (await ask('PATCH', { status: 'active' })).body;
  atParent.push(dsOf('example.org', result.public_key));
  assert.equal(await status('PATCH', { status: 'disabled' }), 'pending-disabled');
  const refused = await ask('DELETE');
  assert.equal(refused.status, 400);
  assert.match(refused.body.errors[0]!.message, /remove the DS record at the registrar/);
  assert.equal(await status('PATCH', { status: 'active' }), 'active', 'back on: the DS still fits');
  await ask('PATCH', { status: 'disabled' });
  atParent.length = 0;
  assert.equal(await status(), 'disabled');
  assert.notEqual(cloudflare.state.zones[0]!.dnssec!.modified_on, null, 'still signed');
  const deleted = await ask('DELETE');
  assert.equal(typeof deleted.body.result, 'string');
  assert.partialDeepStrictEqual((await ask('GET')).body.result, { status: 'disabled', public_key: null });
  const again = (await ask('PATCH', { status: 'active' })).body.result;
  assert.equal(again.public_key, result.public_key, 'a zone keeps its key');
});

test('a zone that is registered again keeps its key and is not signed', async (t) => {
  const { ask, cloudflare } = await openZone(t);
  const { public_key } = (await ask('PATCH', { status: 'active' })).body.result;
  await cloudflare.registerZone('example.org');
  assert.equal((await ask('GET')).body.result.public_key, null);
  assert.equal((await ask('PATCH', { status: 'active' })).body.result.public_key, public_key);
});

test('refuses what the sandbox does not sign with', async (t) => {
  const { ask } = await openZone(t);
  for (const body of [{ status: 'on' }, { dnssec_use_nsec3: true }, { more: 1 }]) {
    const refused = await ask('PATCH', body);
    assert.deepEqual([refused.status, refused.body.errors[0]!.code], [400, 1004]);
  }
  assert.equal((await ask('PUT', {})).status, 404);
});
