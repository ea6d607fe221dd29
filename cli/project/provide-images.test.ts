import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { provideImages } from './provide-images.ts';

/** What the sandbox answers, in pieces as a network may cut them. */
let pieces: string[] = [];
let asked = '';
const server = createServer(async (request, response) => {
  asked = '';
  for await (const chunk of request) asked += String(chunk);
  for (const piece of pieces) {
    response.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  response.end();
});
await once(server.listen(0, '127.0.0.1'), 'listening');
after(() => server.close());

const project = {
  isSandbox: true,
  imageNeeds: [{ reference: 'openhaven/caddy:1', name: 'caddy', build: 'images/caddy' }],
};
async function provide(answer: string[]): Promise<string[]> {
  pieces = answer;
  const shown: string[] = [];
  process.env.HAVEN_IMAGES = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    await provideImages(project, (progress) => shown.push(progress));
  } finally {
    delete process.env.HAVEN_IMAGES;
  }
  return shown;
}

test('asks the sandbox for the images and shows what it makes', async () => {
  const shown = await provide([
    '{"progress":"Program ca',
    'ddy"}\n{"progress":"Image caddy"}\n',
    '{"done":true}\n',
  ]);
  assert.deepEqual(shown, ['Program caddy', 'Image caddy']);
  assert.deepEqual(JSON.parse(asked), project.imageNeeds);
});

test('an image that cannot be made ends the command before anything is changed', async () => {
  await assert.rejects(provide(['{"error":"no space left"}\n']), /could not make an image: no space left/);
});

test('an answer that is cut off is not taken for success', async () => {
  await assert.rejects(provide(['{"progress":"Image caddy"}\n']), /ended while it made images/);
});

test('outside a sandbox nothing is asked', async () => {
  await provideImages(project, () => assert.fail('nothing is made'));
});
