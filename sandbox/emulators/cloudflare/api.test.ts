import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askApi } from '../../../test/support/api-client.ts';
import { listenCloudflareEmulator } from './listen.ts';

interface Body {
  result: { id: string; name: string }[];
  errors: { code: number; message: string }[];
}

test('a zone is found by its name; an unknown one is none', async (t) => {
  const cloudflare = await listenCloudflareEmulator({ zones: { 'example.org': [], 'example.net': [] } });
  t.after(() => cloudflare.close());
  const zones = async (query: string) =>
    (await askApi<Body>(cloudflare, 'GET', `/zones${query}`)).body.result.map((each) => each.name);
  assert.deepEqual(await zones(''), ['example.org', 'example.net']);
  assert.deepEqual(await zones('?name=example.net'), ['example.net']);
  assert.deepEqual(await zones('?name=example.com'), []);
  const unknown = await askApi<Body>(cloudflare, 'GET', '/zones/unknown/dns_records');
  assert.deepEqual([unknown.status, unknown.body.errors[0]?.code], [404, 7003]);
});

test('verifies its token', async (t) => {
  const cloudflare = await listenCloudflareEmulator();
  t.after(() => cloudflare.close());
  const { body } = await askApi(cloudflare, 'GET', '/user/tokens/verify');
  assert.partialDeepStrictEqual(body, { result: { status: 'active' } });
});

test('what the emulator does not have is refused by name', async (t) => {
  const cloudflare = await listenCloudflareEmulator({ zones: { 'example.org': [] } });
  t.after(() => cloudflare.close());
  const zone = `/zones/${cloudflare.state.zones[0]!.id}`;
  for (const [method, path] of [
    ['GET', '/accounts'],
    ['POST', '/zones'],
    ['DELETE', zone],
    ['GET', `${zone}/settings`],
    ['PUT', `${zone}/dns_records`],
    ['GET', `${zone}/dns_records/1/more`],
  ] as const) {
    const { status, body } = await askApi<Body>(cloudflare, method, path);
    assert.deepEqual(
      [status, body.errors],
      [404, [{ code: 7000, message: `No route for that URI: the sandbox has no ${method} ${path}` }]],
    );
  }
});
