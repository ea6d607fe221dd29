import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import type { ReleaseRoute } from '../../core/release/release.ts';
import { Caddy } from '../support/caddy.ts';

/**
 * What a service behind the auth proxy gets of its visitors: the real Caddy with the routes that a server has, an auth
 * proxy that knows one session, and a service that keeps every header it was sent.
 */
const session = 'session-of-ada';
let service: Server;
let authProxy: Server;
let caddy: Caddy;
let seen: IncomingHttpHeaders[] = [];

before(async () => {
  service = await serve(({ headers }) => {
    seen.push(headers);
    return { status: 200 };
  });
  authProxy = await serve(({ headers }) =>
    isSession(headers.cookie ?? '')
      ? { status: 202, headers: { 'x-auth-request-preferred-username': 'ada' } }
      : { status: 401 },
  );
  caddy = await Caddy.start(routes());
});
after(() => {
  caddy?.stop();
  service?.close();
  authProxy?.close();
});
beforeEach(() => {
  seen = [];
});

function routes(): ReleaseRoute[] {
  const to = portOf(service);
  const isProtected = { authProxyPort: portOf(authProxy), publicPaths: ['/help'] };
  return [
    { host: 'one.example.org', port: to, protected: isProtected },
    { host: 'two.example.org', port: to, protected: isProtected },
    { host: 'open.example.org', port: to },
  ];
}

test('a page gets the visitor’s name and cookies, and nothing of their session', async () => {
  const cookie = `theme=dark; __Host-haven=${session}; lang=de`;
  assert.equal(await ask('one.example.org', { cookie }), 200);
  assert.equal(seen[0]?.['x-auth-request-preferred-username'], 'ada');
  assert.equal(seen[0]?.cookie, 'theme=dark; lang=de');
});

test('a session in several cookies is removed too, wherever they are among others', async () => {
  const [first, second] = [session.slice(0, 5), session.slice(5)];
  for (const [cookie, left] of [
    [`__Host-haven_0=${first}; __Host-haven_1=${second}`, ''],
    [`a=1;__Host-haven_0=${first};b=2;__Host-haven_1=${second}`, 'a=1;b=2'],
    [`__Host-haven=${session}; __Host-haven_csrf=x; a=1`, 'a=1'],
    [`__Host-haven=${session}; __Host-havens=1; x__Host-haven=2`, 'x__Host-haven=2'],
  ] as const) {
    seen = [];
    assert.equal(await ask('one.example.org', { cookie }), 200, cookie);
    assert.equal(seen[0]?.cookie ?? '', left, cookie);
  }
});

test('what one page was sent opens no other', async () => {
  await ask('one.example.org', { cookie: `__Host-haven=${session}` });
  const { host: _, ...stolen } = seen[0]!;
  assert.equal(await ask('two.example.org', stolen as Record<string, string>), 302);
});

test('a public path and a public page get nothing of a session either', async () => {
  const cookie = `__Host-haven=${session}; a=1`;
  assert.equal(await ask('one.example.org', { cookie }, '/help'), 200);
  assert.equal(await ask('open.example.org', { cookie }), 200);
  assert.deepEqual(
    seen.map((each) => each.cookie),
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
    seen = [];
    assert.equal(await ask('one.example.org', { cookie, ...claims }, path), 200);
    assert.ok(!JSON.stringify(seen).includes('admins'), path);
  }
});

/** As oauth2-proxy reads a session: from one cookie, or from its parts. */
function isSession(cookie: string): boolean {
  const values = Object.fromEntries(cookie.split(';').map((each) => each.trim().split('=')));
  const parts = `${values['__Host-haven_0']}${values['__Host-haven_1']}`;
  return [values['__Host-haven'], parts].includes(session);
}

async function serve(
  answer: (asked: { headers: IncomingHttpHeaders }) => { status: number; headers?: Record<string, string> },
): Promise<Server> {
  const server = createServer((asked, response) => {
    const { status, headers } = answer(asked);
    response.writeHead(status, headers).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** The status with which Caddy answers at a name. */
async function ask(host: string, headers: Record<string, string> = {}, path = '/'): Promise<number> {
  const asked = request({ host: '127.0.0.1', port: caddy.port, path, headers: { ...headers, host } });
  asked.end();
  const [response] = await once(asked, 'response');
  response.resume();
  return response.statusCode;
}
