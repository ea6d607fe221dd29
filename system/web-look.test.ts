import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratch } from '../test/support/scratch.ts';
import { selfSigned } from '../test/support/self-signed.ts';
import { lookAtWeb, type WebLook } from './web-look.ts';

/** A look at a page on loopback that trusts its certificate. */
async function lookAt(
  context: TestContext,
  answer: (response: ServerResponse) => unknown,
  timeoutMs = 5000,
): Promise<WebLook> {
  const { key, cert, certFile } = await selfSigned('page.test', scratch('web-look'));
  const server = createServer({ key, cert }, (_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const before = process.env.HAVEN_WEB_TRUST;
  process.env.HAVEN_WEB_TRUST = certFile;
  context.after(() => {
    if (before === undefined) delete process.env.HAVEN_WEB_TRUST;
    else process.env.HAVEN_WEB_TRUST = before;
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return lookAtWeb('page.test', '/', { at: '127.0.0.1', port, timeoutMs });
}

test('says what a page answers, with its certificate', async (context) => {
  const look = await lookAt(context, (response) => response.writeHead(404).end('nothing here'));
  assert.deepEqual([look.status, look.body, look.issuer], [404, 'nothing here', 'page.test']);
});

test('a page without end is refused', async (context) => {
  const flood = (response: ServerResponse): void => {
    while (!response.destroyed && response.write('x'.repeat(65_536)));
    if (!response.destroyed) response.once('drain', () => flood(response));
  };
  await assert.rejects(lookAt(context, flood), /^Error: it answers with more than 2 MB$/);
});

test('a page that always sends a little more ends at the time limit', async (context) => {
  const trickle = async (response: ServerResponse): Promise<void> => {
    while (!response.destroyed) {
      response.write('.');
      await sleep(20);
    }
  };
  await assert.rejects(lookAt(context, trickle, 400), /^Error: no whole answer within 0\.4 s$/);
});
