import assert from 'node:assert/strict';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { listen } from '../../emulators/http-api.ts';
import type { RegistryFaults } from './fault.ts';
import { registryFront } from './front.ts';

/** The front with a store of one page a path; blobs have 3 MB. */
let faults: RegistryFaults = {};
const seen: string[] = [];
const blob = Buffer.alloc(3_000_000, 'x');
const store = createServer(({ method, url = '' }, response) => {
  seen.push(`${method} ${url}`);
  response.end(url.includes('/blobs/') ? blob : '{"of":"the store"}');
});
let front: Server;

before(async () => {
  await listen(store, 0, '127.0.0.1');
  const storePort = (store.address() as AddressInfo).port;
  front = createServer(registryFront({ storePort, faults: () => faults }));
  await listen(front, 0, '127.0.0.1');
});
after(() => {
  for (const server of [front, store]) {
    server.close();
    server.closeAllConnections();
  }
});

interface Answer {
  status: number;
  body: string;
  challenge: string | undefined;
}

/** Asks the front under a name, which `fetch` would not let us choose. */
function ask(
  name: string,
  path: string,
  { token = '', method = 'GET', timeoutMs = 5000 } = {},
): Promise<Answer> {
  const headers = { host: name, ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const { port } = front.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, timeout: timeoutMs }, (found) => {
      const { statusCode: status = 0, headers } = found;
      text(found).then((body) => resolve({ status, body, challenge: headers['www-authenticate'] }), reject);
    });
    sent.on('timeout', () => sent.destroy(new Error('silent')));
    sent.on('error', reject);
    sent.end();
  });
}

const manifest = '/v2/keycloak/keycloak/manifests/26';
const layer = '/v2/keycloak/keycloak/blobs/sha256:00';

test('each registry answers from the part of the store that is its own', async () => {
  seen.length = 0;
  assert.deepEqual(await ask('quay.io', '/v2/'), { status: 200, body: '{}', challenge: undefined });
  assert.equal((await ask('quay.io', manifest)).body, '{"of":"the store"}');
  assert.equal((await ask('quay.io', layer)).body.length, blob.length);
  assert.equal((await ask('docker.gitea.com', '/v2/gitea/manifests/1', { method: 'HEAD' })).status, 200);
  assert.deepEqual(seen, [
    'GET /v2/quay.io/keycloak/keycloak/manifests/26',
    'GET /v2/quay.io/keycloak/keycloak/blobs/sha256:00',
    'HEAD /v2/docker.gitea.com/gitea/manifests/1',
  ]);
});

test('Docker Hub lets nobody read without a token for that repository', async () => {
  const debian = '/v2/library/debian/manifests/13';
  const scope = 'repository:library/debian:pull';
  const refused = await ask('registry-1.docker.io', debian);
  assert.equal(refused.status, 401);
  assert.equal(
    refused.challenge,
    `Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="${scope}"`,
  );
  assert.equal((await ask('registry-1.docker.io', '/v2/')).status, 401);
  const given = await ask(
    'auth.docker.io',
    `/token?service=registry.docker.io&scope=${encodeURIComponent(scope)}`,
  );
  const { token } = JSON.parse(given.body) as { token: string };
  assert.equal((await ask('registry-1.docker.io', '/v2/', { token })).status, 200);
  assert.equal((await ask('registry-1.docker.io', debian, { token })).status, 200);
  assert.equal((await ask('registry-1.docker.io', debian.replace('debian', 'caddy'), { token })).status, 401);
});

test('nothing is written through the front, and other names have no pages', async () => {
  seen.length = 0;
  assert.equal((await ask('quay.io', manifest, { method: 'PUT' })).status, 405);
  assert.equal((await ask('registry.example', '/v2/')).status, 404);
  assert.deepEqual(seen, []);
});

test('a fault changes the answers of its registry alone', async () => {
  faults = { 'quay.io': 'unavailable' };
  assert.equal((await ask('quay.io', manifest)).status, 503);
  assert.equal((await ask('ghcr.io', manifest)).status, 200);

  faults = { 'quay.io': 'rate-limited' };
  const limited = await ask('quay.io', manifest);
  assert.equal(limited.status, 429);
  assert.match(limited.body, /"TOOMANYREQUESTS".*You have reached your pull rate limit\./);
  assert.equal((await ask('quay.io', layer)).status, 200);

  faults = { 'quay.io': 'other-manifest' };
  assert.equal((await ask('quay.io', manifest)).body, '{"of":"the store"}\n');

  faults = { 'quay.io': 'refused' };
  await assert.rejects(ask('quay.io', manifest), { code: 'ECONNRESET' });

  faults = { 'quay.io': 'cut' };
  await assert.rejects(ask('quay.io', layer), { code: 'ECONNRESET' });
  assert.equal((await ask('quay.io', manifest)).status, 200);

  faults = {};
  assert.equal((await ask('quay.io', layer)).status, 200);
});

test('a silent registry answers everything but blobs', async () => {
  faults = { 'quay.io': 'silent' };
  assert.equal((await ask('quay.io', manifest)).status, 200);
  await assert.rejects(ask('quay.io', layer, { timeoutMs: 300 }), /silent/);
  faults = {};
});
