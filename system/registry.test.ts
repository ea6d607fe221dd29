import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, beforeEach, test } from 'node:test';
import { imageDigest, lookUpImage, parseImageName, RegistryRefusal } from './registry.ts';

const digestOf = (digit: string) => `sha256:${digit.repeat(64)}`;
const list = {
  manifests: [
    { digest: digestOf('2'), platform: { os: 'linux', architecture: 'amd64' } },
    { digest: digestOf('3'), platform: { os: 'linux', architecture: 'arm64' } },
    // As buildx adds them: no image at all.
    { digest: digestOf('4'), platform: { os: 'unknown', architecture: 'unknown' } },
  ],
};
const single = (layers: number[]) => ({ config: { size: 5 }, layers: layers.map((size) => ({ size })) });

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  answer(request, response);
});
await once(server.listen(0, '127.0.0.1'), 'listening');
after(() => {
  server.closeAllConnections();
  server.close();
});
const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
const image = `${host}/users/sample:1.2.3`;

function send(response: ServerResponse, body: unknown, headers: Record<string, string> = {}, status = 200) {
  response.writeHead(status, headers).end(JSON.stringify(body));
}
beforeEach(() => {
  asked = [];
  answer = ({ url }, response) => {
    if (url === '/v2/users/sample/manifests/1.2.3')
      send(response, list, { 'docker-content-digest': digestOf('1') });
    else if (url?.endsWith(digestOf('1'))) send(response, list);
    else if (url?.endsWith(digestOf('2'))) send(response, single([100, 20]));
    else if (url?.endsWith(digestOf('3'))) send(response, single([90]));
    else send(response, {}, {}, 404);
  };
});

test('tells the digest of a list, and the size for one platform', async () => {
  assert.deepEqual(await lookUpImage(image, 'amd64'), { digest: digestOf('1'), bytes: 125 });
  assert.deepEqual(await lookUpImage(image, 'arm64'), { digest: digestOf('1'), bytes: 95 });
  assert.equal(await imageDigest(image), digestOf('1'));
});

test('an image with a digest is asked for by it, whatever its tag means now', async () => {
  const looked = await lookUpImage(`${image}@${digestOf('1')}`, 'amd64');
  assert.deepEqual(looked, { digest: digestOf('1'), bytes: 125 });
  assert.deepEqual(
    asked,
    [digestOf('1'), digestOf('2')].map((each) => `GET /v2/users/sample/manifests/${each}`),
  );
});

test('an image for one platform only has no list', async () => {
  answer = (_, response) => send(response, single([7]), { 'docker-content-digest': digestOf('9') });
  assert.deepEqual(await lookUpImage(image, 'amd64'), { digest: digestOf('9'), bytes: 12 });
});

test('an image that is not there for the platform is refused', async () => {
  answer = (_, response) =>
    send(response, { manifests: list.manifests.slice(0, 1) }, { 'docker-content-digest': digestOf('1') });
  await assert.rejects(
    lookUpImage(image, 'arm64'),
    (error) => error instanceof RegistryRefusal && error.status === undefined,
  );
});

test('one token serves all requests of a look, and one that is not accepted is not asked for again', async () => {
  let isAccepted = true;
  const inner = answer;
  answer = (request, response) => {
    if (request.url?.startsWith('/token')) send(response, { token: 'anonymous' });
    else if (isAccepted && request.headers.authorization === 'Bearer anonymous') inner(request, response);
    else
      send(
        response,
        {},
        {
          'www-authenticate': `Bearer realm="http://${host}/token",service="s",scope="repository:users/sample:pull"`,
        },
        401,
      );
  };
  assert.equal((await lookUpImage(image, 'amd64')).bytes, 125);
  const tokens = () => asked.filter((each) => each.startsWith('GET /token')).length;
  assert.equal(tokens(), 1);
  isAccepted = false;
  await assert.rejects(
    lookUpImage(image, 'amd64'),
    (error) => error instanceof RegistryRefusal && error.status === 401,
  );
  assert.equal(tokens(), 2);
});

for (const status of [404, 429, 503])
  test(`a refusal has the registry's status: ${status}`, async () => {
    answer = (_, response) => send(response, {}, {}, status);
    await assert.rejects(
      lookUpImage(image, 'amd64'),
      (error) => error instanceof RegistryRefusal && error.status === status,
    );
  });

test('a registry that never answers is given up after the limit', async () => {
  answer = () => undefined;
  await assert.rejects(lookUpImage(image, 'amd64', 50), { name: 'TimeoutError' });
});

test('a name is read into its parts', () => {
  assert.deepEqual(parseImageName(`docker.io/library/caddy:2.11.9@${digestOf('a')}`), {
    host: 'docker.io',
    name: 'library/caddy',
    tag: '2.11.9',
    digest: digestOf('a'),
  });
  assert.throws(() => parseImageName('caddy'), /is not host\/name:tag/);
});
