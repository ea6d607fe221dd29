import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { Caddy } from '../support/caddy.ts';

/** What visitors of a closed service get of the real Caddy, and that no request of theirs reaches anything behind it. */
let behind: Server;
let caddy: Caddy;
const reached: string[] = [];
const hosts = ['open.example.org', 'protected.example.org'];

before(async () => {
  behind = createServer((asked, response) => {
    reached.push(asked.url ?? '');
    response.writeHead(202).end();
  });
  behind.listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const { port } = behind.address() as AddressInfo;
  caddy = await Caddy.start([
    { host: 'open.example.org', port, hidden: ['/hidden'] },
    { host: 'protected.example.org', port, protected: { authProxyPort: port, publicPaths: ['/help'] } },
  ]);
});
after(() => {
  caddy?.stop();
  behind?.close();
});
afterEach(() => {
  for (const state of ['maintenance', 'stopped'] as const)
    rmSync(join(caddy.states(state), 'website'), { force: true });
  reached.length = 0;
});
const put = (state: 'maintenance' | 'stopped'): void =>
  writeFileSync(join(caddy.states(state), 'website'), '');

test('in maintenance no request of any kind reaches the service or the auth proxy', async () => {
  for (const host of hosts) assert.equal((await ask(host)).status, 202);
  reached.length = 0;
  put('maintenance');
  for (const host of hosts)
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])
      for (const path of ['/', '/oauth2/start', '/help', '/hidden', '/states/website']) {
        const { status, headers } = await ask(host, { method, path, headers: { 'if-none-match': '*' } });
        const answer = [status, headers['retry-after'], headers['cache-control']];
        assert.deepEqual(answer, [503, '15', 'no-store'], `${method} ${host}${path}`);
      }
  assert.deepEqual(reached, []);
});

test('the first request after a change meets the new state, on a connection that stays open', async () => {
  for (let round = 0; round < 50; round += 1) {
    put('maintenance');
    assert.equal((await ask('open.example.org')).status, 503);
    rmSync(join(caddy.states('maintenance'), 'website'));
    assert.equal((await ask('open.example.org')).status, 202);
  }
});

test('a visitor reads which service it is, in their language', async () => {
  put('maintenance');
  for (const [accepted, language, said] of [
    ['de-AT,de;q=0.9,en;q=0.8', 'de', /<h1>open\.example\.org ist gleich wieder da<\/h1>/],
    ['en-GB,en', 'en', /<h1>open\.example\.org will be back soon<\/h1>/],
    ['fr', 'en', /will be back soon/],
    ['den', 'en', /will be back soon/],
    ['', 'en', /will be back soon/],
  ] as const) {
    const { headers, text } = await ask('open.example.org', { headers: { 'accept-language': accepted } });
    assert.equal(headers['content-language'], language, accepted);
    assert.match(text, said);
    assert.ok(text.includes(`<html lang="${language}">`) && !text.includes('{haven'), text);
  }
});

test('the page is small, readable on a phone, loads nothing, and asks again', async () => {
  put('maintenance');
  const { headers, text } = await ask('open.example.org');
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(headers.refresh, '15');
  assert.match(String(headers['content-security-policy']), /default-src 'none'/);
  assert.ok(text.length < 1500);
  assert.match(text, /<meta name="viewport" content="width=device-width, initial-scale=1">/);
  assert.doesNotMatch(text, /src=|href=|url\(|@import|<script/);
});

test('a service that its owner stopped says so and does not promise to be back', async () => {
  put('stopped');
  const { status, headers, text } = await ask('open.example.org', { headers: { 'accept-language': 'de' } });
  assert.deepEqual([status, headers['retry-after'], headers.refresh], [503, undefined, undefined]);
  assert.match(text, /open\.example\.org ist gestoppt/);
  put('maintenance');
  assert.match((await ask('open.example.org')).text, /will be back soon/);
  assert.deepEqual(reached, []);
});

test('Caddy says on loopback what its matcher sees', async () => {
  assert.equal(await caddy.stateOf('website'), 'open');
  put('stopped');
  assert.equal(await caddy.stateOf('website'), 'stopped');
  put('maintenance');
  assert.equal(await caddy.stateOf('website'), 'maintenance');
  assert.equal(await caddy.stateOf('gitea'), 'open');
});

async function ask(
  host: string,
  {
    method = 'GET',
    path = '/',
    headers = {},
  }: { method?: string; path?: string; headers?: Record<string, string> } = {},
) {
  const asked = request({ host: '127.0.0.1', port: caddy.port, path, method, headers: { ...headers, host } });
  asked.end();
  const [response] = await once(asked, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return {
    status: response.statusCode as number,
    headers: response.headers as Record<string, string | undefined>,
    text: Buffer.concat(chunks).toString(),
  };
}
