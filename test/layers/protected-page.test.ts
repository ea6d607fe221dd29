import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { Caddy } from '../support/caddy.ts';
import { Keeper } from '../support/keeper.ts';

/**
 * What a service behind the auth proxy gets of its visitors: the real Caddy with the routes that a server has, an auth
 * proxy that knows one session, and a service that keeps every header it was sent.
 */
const session = 'session-of-ada';
const host = 'one.example.org';
let service: Keeper;
let authProxy: Server;
let caddy: Caddy;
let seenByAuthProxy: IncomingHttpHeaders[] = [];

before(async () => {
  service = await Keeper.open();
  authProxy = createServer(({ headers }, response) => {
    seenByAuthProxy.push(headers);
    if (isSession(headers.cookie ?? ''))
      response.writeHead(202, { 'x-auth-request-preferred-username': 'ada' }).end();
    else response.writeHead(401).end();
  });
  authProxy.listen(0, '127.0.0.1');
  await once(authProxy, 'listening');
  const { port } = service;
  const authProxyPort = (authProxy.address() as AddressInfo).port;
  caddy = await Caddy.start([
    { host, port, protected: { authProxyPort, publicPaths: ['/help'] } },
    { host: 'open.example.org', port },
  ]);
});
after(() => {
  caddy?.stop();
  service?.close();
  authProxy?.close();
});
beforeEach(() => {
  service.seen = [];
});

test('a page gets the visitor’s name and cookies, and nothing of their session', async () => {
  const cookie = `theme=dark; __Host-haven=${session}; lang=de`;
  assert.equal(await ask({ cookie }), 200);
  const claims = Object.entries(service.seen[0]!).filter(([name]) => name.startsWith('x-auth-request-'));
  assert.deepEqual(claims, [['x-auth-request-preferred-username', 'ada']]);
  assert.equal(service.seen[0]?.cookie, 'theme=dark; lang=de');
});

test('a session in several cookies is removed too, wherever they are among others', async () => {
  const [first, second] = [session.slice(0, 5), session.slice(5)];
  for (const [cookie, left] of [
    [`__Host-haven_0=${first}; __Host-haven_1=${second}`, ''],
    [`a=1;__Host-haven_0=${first};b=2;__Host-haven_1=${second}`, 'a=1;b=2'],
    [`__Host-haven=${session}; __Host-haven_csrf=x; a=1`, 'a=1'],
    [`__Host-haven=${session}; __Host-havens=1; x__Host-haven=2`, 'x__Host-haven=2'],
  ] as const) {
    service.seen = [];
    assert.equal(await ask({ cookie }), 200, cookie);
    assert.equal(service.seen[0]?.cookie ?? '', left, cookie);
  }
});

test('a public path and a public page get nothing of a session either', async () => {
  const cookie = `__Host-haven=${session}; a=1`;
  assert.equal(await ask({ cookie }, { path: '/help' }), 200);
  assert.equal(await ask({ cookie }, { at: 'open.example.org' }), 200);
  assert.deepEqual(
    service.seen.map((each) => each.cookie),
    ['a=1', 'a=1'],
  );
});

test('who a visitor says that they are does not reach the service, in no spelling that a program may read', async () => {
  const claims = Object.fromEntries(
    ['X-Auth-Request-Groups', 'X-Auth-Request-Access-Token', 'x_auth_request_groups'].map((name) => [
      name,
      'admins',
    ]),
  );
  const cookie = `__Host-haven=${session}`;
  for (const path of ['/', '/help']) {
    service.seen = [];
    assert.equal(await ask({ cookie, ...claims }, { path }), 200);
    assert.ok(!JSON.stringify(service.seen).includes('admins'), path);
  }
});

test('an address that a visitor names reaches neither the service nor the auth proxy', async () => {
  const [named, cookie] = ['203.0.113.9', `__Host-haven=${session}`];
  const claims = { 'X-Real-IP': named, 'X-Forwarded-For': named, x_real_ip: named, x_forwarded_for: named };
  for (const at of [host, 'open.example.org']) {
    service.seen = [];
    seenByAuthProxy = [];
    assert.equal(await ask({ cookie, ...claims }, { at }), 200);
    assert.equal(service.seen[0]?.['x-real-ip'], '127.0.0.1');
    assert.ok(!JSON.stringify([service.seen, seenByAuthProxy]).includes(named), at);
  }
  assert.equal(seenByAuthProxy.length, 0, 'a public page does not ask it');
  await ask({ cookie, ...claims });
  assert.equal(seenByAuthProxy[0]?.['x-real-ip'], '127.0.0.1');
});

/** As oauth2-proxy reads a session: from one cookie, or from its parts. */
function isSession(cookie: string): boolean {
  const values = Object.fromEntries(cookie.split(';').map((each) => each.trim().split('=')));
  const parts = `${values['__Host-haven_0']}${values['__Host-haven_1']}`;
  return [values['__Host-haven'], parts].includes(session);
}

/** The status with which Caddy answers. */
async function ask(headers: Record<string, string>, { at = host, path = '/' } = {}): Promise<number> {
  return (await caddy.ask(at, headers, path)).statusCode!;
}
