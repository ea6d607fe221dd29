import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import postgresClient, { type Sql } from 'postgres';
import { checkLogin } from '../../agent/checks/login-check.ts';
import { createApp } from '../../images/vaultwarden-stub/src/app.ts';
import { Login } from '../../images/vaultwarden-stub/src/login.ts';
import { Store } from '../../images/vaultwarden-stub/src/store.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { HeadlessBrowser } from '../../system/headless-browser.ts';
import { LoginProvider } from '../support/login-provider.ts';
import { Postgres } from '../support/postgres.ts';
import { inDatabase, runUserHook } from '../support/run-user-hook.ts';

/**
 * Vaultwarden's login check and user hooks against its stub, on a real PostgreSQL. The stub is as lax as the real program
 * is (1.37, src/auth.rs, src/api/identity.rs), so that a hook which would not be enough there is not enough here.
 */
const { definition } = (await loadCatalogue()).get('vaultwarden')!;
const { login } = definition.needs!;
assert.ok(login);
const origin = 'https://vault.example.org';
const ada = { sub: '6b1f0c2e-0000-4000-8000-000000000001', name: 'ada', password: 'correct horse' };
const eve = { sub: '6b1f0c2e-0000-4000-8000-000000000002', name: 'eve', password: 'battery staple' };
let postgres: Postgres;
let sql: Sql;
let provider: LoginProvider;
const servers: Server[] = [];

before(async () => {
  postgres = await Postgres.start('vaultwarden');
  await postgres.createDatabase('vaultwarden');
  sql = postgresClient({
    host: postgres.folder,
    database: 'vaultwarden',
    user: 'vaultwarden',
    onnotice: () => undefined,
  });
  await new Store(sql).prepare();
  const client = {
    id: 'vaultwarden',
    secret: 'secret-of-the-client',
    redirectUri: `${origin}${login.callback}`,
  };
  provider = await LoginProvider.open(client, [ada, eve]);
});
after(async () => {
  for (const server of servers) server.close();
  provider?.close();
  await sql?.end();
  await postgres?.stop();
});

/** A stub that serves; answers with its port. */
async function serve(signupsAllowed = false): Promise<number> {
  const settings = { issuer: provider.issuer, client: 'vaultwarden', secret: 'secret-of-the-client', origin };
  const app = createApp({ origin, signupsAllowed }, new Login(settings), new Store(sql));
  const server = createServer(getRequestListener(app.fetch));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const portsOf = (port: number) => ({
  'vault.example.org': port,
  [`127.0.0.1:${provider.port}`]: provider.port,
});
const check = (port: number) =>
  checkLogin({
    ...login,
    ...{ service: 'vaultwarden', origin, login: provider.issuer, ports: portsOf(port) },
    ...{ admin: ada, user: eve },
  });

/** A browser in which a user is logged in, and what it asks for. */
async function session(port: number, { name, password }: { name: string; password: string }) {
  const browser = new HeadlessBrowser(
    Object.fromEntries(Object.entries(portsOf(port)).map(([host, number]) => [host, { port: number }])),
  );
  const verifier = 'v'.repeat(43);
  const { createHash } = await import('node:crypto');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const begin = login ? login.begin : '';
  const form = await browser.open(
    `${origin}${begin.replaceAll('{origin}', origin).replaceAll('{challenge}', challenge)}`,
  );
  const action = /action="([^"]+)"/.exec(form.body)?.[1]?.replaceAll('&amp;', '&');
  const landed = await browser.open(action!, { form: { username: name, password } });
  const ask = (more: Record<string, string>) =>
    browser.open(`${origin}/identity/connect/token`, { follow: false, form: { client_id: 'web', ...more } });
  const page = await ask({
    grant_type: 'authorization_code',
    code: new URL(landed.url).searchParams.get('code')!,
    code_verifier: verifier,
    device_identifier: `device-of-${name}`,
    device_name: 'test',
    device_type: '9',
  });
  const tokens = JSON.parse(page.body) as { access_token: string; refresh_token: string };
  return {
    profile: async () =>
      (await browser.open(`${origin}/api/accounts/profile`, { follow: false, bearer: tokens.access_token }))
        .status,
    refresh: async () =>
      (await ask({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token })).status,
    login: page.status,
  };
}

const subjectOf = ({ sub, name }: { sub: string; name: string }) => ({ name, subject: sub });

test('the login check passes, again and again, each time from addresses of its own', async () => {
  const port = await serve();
  const addresses = new Set<string>();
  servers
    .at(-1)!
    .prependListener('request', ({ headers }) => addresses.add(String(headers['x-forwarded-for'])));
  await check(port);
  await check(port);
  assert.ok(addresses.size >= 5, `logins come from ${addresses.size} addresses`);
  assert.ok([...addresses].every((each) => each.startsWith('127.')));
});

test('a stranger who begins a login at the same time does not hinder the login check', async () => {
  const port = await serve();
  const authorize = (state: string) =>
    fetch(
      `http://127.0.0.1:${port}/identity/connect/authorize?client_id=web&state=${state}&code_challenge=x&code_challenge_method=S256`,
      { redirect: 'manual' },
    );
  servers.at(-1)!.prependListener('request', ({ url }) => {
    if (url?.startsWith('/identity/connect/oidc-signin')) void authorize('haven');
  });
  assert.equal((await authorize('haven')).status, 307);
  await check(port);
});

test('a way back to another browser than the one that began is refused', async () => {
  const port = await serve();
  const answer = await fetch(`http://127.0.0.1:${port}/identity/connect/oidc-signin?code=x&state=aGF2ZW4=`);
  assert.equal(answer.status, 400);
});

test('disabling alone keeps no session out, so the hook logs out as well', async () => {
  const port = await serve();
  const open = await session(port, ada);
  assert.deepEqual([open.login, await open.profile(), await open.refresh()], [200, 200, 200]);
  await sql`UPDATE users SET enabled = false WHERE email = 'ada@example.org'`;
  assert.deepEqual([await open.profile(), await open.refresh()], [200, 200], 'as the real one does');
  await sql`UPDATE users SET security_stamp = 'another' WHERE email = 'ada@example.org'`;
  assert.deepEqual([await open.profile(), await open.refresh()], [401, 200], 'as the real one does');

  await runUserHook({ db: inDatabase(postgres) }, definition, { hook: 'disable', user: subjectOf(ada) });
  assert.deepEqual([await open.profile(), await open.refresh()], [401, 400]);
  assert.equal((await session(port, ada)).login, 400);
  assert.equal((await session(port, eve)).login, 200);
  await runUserHook({ db: inDatabase(postgres) }, definition, { hook: 'enable', user: subjectOf(ada) });
  assert.equal((await session(port, ada)).login, 200);
});

test('a logout ends the sessions of one user, and they can log in again', async () => {
  const port = await serve();
  const [mine, others] = [await session(port, ada), await session(port, eve)];
  for (const _ of [1, 2])
    await runUserHook({ db: inDatabase(postgres) }, definition, { hook: 'logOut', user: subjectOf(ada) });
  assert.deepEqual([await mine.profile(), await mine.refresh()], [401, 400]);
  assert.deepEqual([await others.profile(), await others.refresh()], [200, 200]);
  assert.equal((await session(port, ada)).login, 200);
});

test('the keys of organisations that a disabled user could see are revoked, and no others', async () => {
  await sql`INSERT INTO organization_api_key (uuid, org_uuid, atype, api_key) VALUES ('1', 'o1', 0, 'x'), ('2', 'o2', 0, 'y')`;
  await sql`INSERT INTO users_organizations (uuid, user_uuid, org_uuid, status, atype)
    SELECT 'm1', uuid, 'o1', 2, 0 FROM users WHERE email = 'ada@example.org'`;
  await sql`INSERT INTO users_organizations (uuid, user_uuid, org_uuid, status, atype)
    SELECT 'm2', uuid, 'o2', 2, 2 FROM users WHERE email = 'ada@example.org'`;
  await runUserHook({ db: inDatabase(postgres) }, definition, { hook: 'disable', user: subjectOf(ada) });
  assert.deepEqual(await postgres.sql('vaultwarden', 'SELECT trim(org_uuid) FROM organization_api_key;'), [
    'o2',
  ]);
  await runUserHook({ db: inDatabase(postgres) }, definition, { hook: 'enable', user: subjectOf(ada) });
});

test('sign-up is closed, and the question that shows it is answered otherwise where it is open', async () => {
  const ask = async (port: number, contentType: string, body: string) =>
    (
      await fetch(`http://127.0.0.1:${port}/identity/accounts/register/send-verification-email`, {
        method: 'POST',
        headers: { 'content-type': contentType },
        body,
      })
    ).status;
  const question = JSON.stringify({ email: 'mallory@example.net', name: 'Mallory' });
  const [closed, open] = [await serve(false), await serve(true)];
  assert.equal(await ask(closed, 'application/json', question), 400);
  assert.equal(await ask(open, 'application/json', question), 200);
  assert.equal(await ask(open, 'application/x-www-form-urlencoded', 'email=a'), 400, 'a form shows nothing');
});

test('a removed user leaves their address to others, and nobody gets in', async () => {
  const port = await serve();
  for (const _ of [1, 2])
    await runUserHook({ db: inDatabase(postgres) }, definition, { hook: 'remove', user: subjectOf(ada) });
  assert.equal((await session(port, ada)).login, 400);
  assert.deepEqual(
    await postgres.sql('vaultwarden', "SELECT count(*) FROM users WHERE email = 'ada@example.org';"),
    ['0'],
  );
});
