import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { HeadlessBrowser } from './headless-browser.ts';

const received: string[] = [];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { host, authorization = '-' } = request.headers;
  received.push(`${request.method} ${host} ${authorization} ${Buffer.concat(chunks).toString()}`.trim());
  if (host === 'one.example.org') response.writeHead(307, { location: 'https://two.example.org/' });
  response.end();
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => {
  server.closeAllConnections();
  server.close();
});
const { port } = server.address() as AddressInfo;

test('a form and a token are sent to one address, and not again after a redirect', async () => {
  const browser = new HeadlessBrowser({ 'one.example.org': { port }, 'two.example.org': { port } });
  const page = await browser.open('https://one.example.org/', { form: { a: 'secret' }, bearer: 'token' });
  assert.equal(page.url, 'https://two.example.org/');
  assert.deepEqual(received, ['POST one.example.org Bearer token a=secret', 'GET two.example.org -']);
});
