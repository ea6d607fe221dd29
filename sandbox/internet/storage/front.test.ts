import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, test } from 'node:test';
import { listen } from '../../emulators/http-api.ts';
import type { StorageFault } from './fault.ts';
import { storageFront } from './front.ts';
import { storageName } from './names.ts';

/** The front with an S3 server of this process, which notes what it gets and answers with one page. */
let fault: StorageFault | undefined;
let seen: { line: string; headers: IncomingHttpHeaders; body: string }[] = [];
const page = 'x'.repeat(20_000);
const store = createServer((incoming, response) => {
  text(incoming).then((body) => {
    seen.push({ line: `${incoming.method} ${incoming.url}`, headers: incoming.headers, body });
    response.writeHead(200, { etag: '"00"', connection: 'close' }).end(page);
  }, console.error);
});
let front: Server;

before(async () => {
  await listen(store, 0, '127.0.0.1');
  const storagePort = (store.address() as AddressInfo).port;
  front = createServer(storageFront({ storagePort, fault: () => fault }));
  await listen(front, 0, '127.0.0.1');
});
after(() => {
  for (const server of [front, store]) {
    server.close();
    server.closeAllConnections();
  }
});
beforeEach(() => {
  fault = undefined;
  seen = [];
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

function ask(method: string, path: string, sent = ''): Promise<Answer> {
  const { port } = front.address() as AddressInfo;
  const headers = { host: storageName, authorization: 'AWS4-HMAC-SHA256 signed', 'x-amz-date': '20261129' };
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, method, headers }, (found) => {
      const { statusCode: status = 0, headers } = found;
      text(found).then((body) => resolve({ status, headers, body }), reject);
    });
    asking.on('error', reject);
    asking.end(sent);
  });
}

test('what a client has signed arrives as it was: method, path, host, headers and body', async () => {
  const path = '/bucket/a%2Bb/../c?prefix=%2F&list-type=2';
  const answer = await ask('PUT', path, 'of the object');
  assert.deepEqual([answer.status, answer.headers.etag, answer.body], [200, '"00"', page]);
  assert.equal(answer.headers.connection, 'keep-alive', 'the client’s connection is not the storage’s');
  const [one] = seen;
  assert.equal(one?.line, `PUT ${path}`);
  assert.equal(one.body, 'of the object');
  assert.equal(one.headers.host, storageName);
  assert.equal(one.headers.authorization, 'AWS4-HMAC-SHA256 signed');
  assert.equal(one.headers['x-amz-date'], '20261129');
});

test('faults are answered as S3 answers errors, and nothing reaches the storage', async () => {
  const cases: [StorageFault, number, string][] = [
    ['unavailable', 503, 'SlowDown'],
    ['denied', 403, 'AccessDenied'],
    ['full', 507, 'InsufficientStorage'],
  ];
  for (const [each, status, code] of cases) {
    fault = each;
    const answer = await ask('PUT', '/bucket/a', page);
    assert.equal(answer.status, status, each);
    assert.ok(answer.body.includes(`<Error><Code>${code}</Code><Message>`), answer.body);
    assert.equal(answer.headers['content-type'], 'application/xml');
  }
  assert.deepEqual(seen, []);
});

test('a full storage can be read, and nothing can be added to it', async () => {
  fault = 'full';
  for (const method of ['GET', 'HEAD', 'DELETE'])
    assert.equal((await ask(method, '/bucket/a')).status, 200, method);
  assert.equal((await ask('POST', '/bucket/a?uploads')).status, 507);
});

test('a refusal of HEAD has no body, as HTTP wants it', async () => {
  fault = 'denied';
  assert.deepEqual([(await ask('HEAD', '/bucket/')).status, (await ask('HEAD', '/bucket/')).body], [403, '']);
});

test('a slow storage takes its time for what is sent and for what is answered', async () => {
  fault = 'slow';
  const began = performance.now();
  assert.equal((await ask('PUT', '/bucket/a', page)).body, page);
  assert.equal(seen[0]?.body, page);
  // 64 bytes a millisecond, in both directions.
  assert.ok(performance.now() - began > (2 * page.length) / 64 - 50);
});

test('connections from before are broken off where nothing listens any more', async () => {
  fault = 'refused';
  await assert.rejects(ask('GET', '/bucket/a'), { code: 'ECONNRESET' });
  assert.deepEqual(seen, []);
});
