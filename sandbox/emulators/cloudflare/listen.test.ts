import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askApi } from '../../../test/support/api-client.ts';
import { type CloudflareEmulator, listenCloudflareEmulator } from './listen.ts';

const ask = (cloudflare: CloudflareEmulator, path: string) =>
  askApi<{ result: unknown; errors: { code: number }[] }>(cloudflare, 'GET', path);

test('a registered domain has its records, completed with what Cloudflare adds', async (t) => {
  const cloudflare = await listenCloudflareEmulator({
    zones: { 'example.org': [{ type: 'A', name: 'www', content: '192.0.2.1' }] },
  });
  t.after(() => cloudflare.close());
  const [record] = cloudflare.state.zones[0]!.records;
  assert.partialDeepStrictEqual(record, { name: 'www.example.org', ttl: 1, proxied: false, comment: null });
  const { id } = await cloudflare.registerZone('example.org', [{ ...record, id: 'a'.repeat(32), ttl: 300 }]);
  assert.deepEqual(cloudflare.state.zones.length, 1, 'it takes the place of the one before');
  const { body } = await ask(cloudflare, `/zones/${id}/dns_records`);
  assert.partialDeepStrictEqual(body.result, [
    { id: 'a'.repeat(32), ttl: 300, created_on: record!.created_on },
  ]);
});

test('a domain is not registered with records that Cloudflare would refuse', async (t) => {
  const cloudflare = await listenCloudflareEmulator();
  t.after(() => cloudflare.close());
  await assert.rejects(
    cloudflare.registerZone('example.org', [
      { type: 'CNAME', name: 'www', content: 'example.net' },
      { type: 'A', name: 'www', content: '192.0.2.1' },
    ]),
    /CNAME record with that host already exists/,
  );
  assert.deepEqual(cloudflare.state.zones, []);
});

test('faults make the next requests fail, and no more', async (t) => {
  const cloudflare = await listenCloudflareEmulator({ faults: { failNext: 1 } });
  t.after(() => cloudflare.close());
  assert.equal((await ask(cloudflare, '/zones')).status, 500);
  assert.equal((await ask(cloudflare, '/zones')).status, 200);
  await cloudflare.setFaults({ failNext: 1 });
  assert.equal((await ask(cloudflare, '/zones')).status, 500);
});

test('refuses a wrong token', async (t) => {
  const cloudflare = await listenCloudflareEmulator();
  t.after(() => cloudflare.close());
  const refused = await ask({ ...cloudflare, token: 'wrong' }, '/zones');
  assert.deepEqual([refused.status, refused.body.errors[0]?.code], [403, 10000]);
});

test('a limit of requests refuses all for as long as its window lasts, with the headers of Cloudflare', async (t) => {
  const cloudflare = await listenCloudflareEmulator({ faults: { rateLimit: { requests: 2, seconds: 1 } } });
  t.after(() => cloudflare.close());
  const get = async () => {
    const answer = await fetch(`${cloudflare.url}zones`, {
      headers: { authorization: `Bearer ${cloudflare.token}` },
    });
    const header = (name: string) => answer.headers.get(name);
    return [answer.status, header('ratelimit'), header('ratelimit-policy'), header('retry-after')];
  };
  const policy = '"default";q=2;w=1';
  assert.deepEqual(await get(), [200, '"default";r=1;t=1', policy, null]);
  assert.deepEqual(await get(), [200, '"default";r=0;t=1', policy, null]);
  assert.deepEqual(await get(), [429, '"default";r=0;t=1', policy, '1']);
  assert.equal((await ask(cloudflare, '/zones')).body.errors[0]?.code, 971);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.equal((await ask(cloudflare, '/zones')).status, 200);
});
