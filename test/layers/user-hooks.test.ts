import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { checkLogin } from '../../agent/checks/login-check.ts';
import type { UserEvent } from '../../agent/users/run-hook.ts';
import type { UserHookName } from '../../core/service.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { LoginProvider } from '../support/login-provider.ts';
import { Miniflux } from '../support/miniflux.ts';
import { Postgres } from '../support/postgres.ts';
import { inDatabase, runUserHook } from '../support/run-user-hook.ts';
import { scratch } from '../support/scratch.ts';

/**
 * Hooks that change a service's database, run as the agent runs them: the same commands, on a real PostgreSQL whose
 * tables the program itself has made, while it serves. Each runs twice, because a hook may be cut off and run again.
 */
const { definition, compose } = (await loadCatalogue()).get('miniflux')!;
const host = 'news.example.org';
const ada = { sub: '6b1f0c2e-0000-4000-8000-000000000001', name: 'ada', password: 'correct horse' };
const eve = { sub: '6b1f0c2e-0000-4000-8000-000000000002', name: 'eve', password: 'battery staple' };
let postgres: Postgres;
let provider: LoginProvider;
let program: Miniflux;

before(async () => {
  postgres = await Postgres.start('user-hooks');
  await postgres.createDatabase('miniflux');
  const login = definition.needs?.login;
  assert.ok(login);
  const client = {
    id: 'miniflux',
    secret: 'secret-of-the-client',
    redirectUri: `https://${host}${login.callback}`,
  };
  provider = await LoginProvider.open(client, [ada, eve]);
  program = await Miniflux.start({
    ...settingsFromCompose({ HOST: host, LOGIN_ISSUER: provider.issuer, LOGIN_CLIENT: client.id }),
    OAUTH2_CLIENT_SECRET_FILE: fileWith(client.secret),
    DATABASE_URL_FILE: fileWith(`host=${postgres.folder} user=miniflux dbname=miniflux sslmode=disable`),
  });
});
after(async () => {
  await program?.stop();
  provider?.close();
  await postgres?.stop();
});

/** What services/miniflux/compose.yaml sets, with these values. */
function settingsFromCompose(values: Record<string, string>): Record<string, string> {
  const { PORT: _port, ...settings } = (
    parse(compose) as { services: { miniflux: { environment: Record<string, string> } } }
  ).services.miniflux.environment;
  const fill = (text: string) =>
    text.replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? assert.fail(name));
  return Object.fromEntries(Object.entries(settings).map(([name, text]) => [name, fill(text)]));
}

function fileWith(text: string): string {
  const path = join(scratch('secret'), 'secret');
  writeFileSync(path, text);
  return path;
}

/** Runs a hook of Miniflux about a user, twice. */
async function twice(
  hook: UserHookName,
  { sub, name }: { sub: string; name: string },
  more: Partial<UserEvent> = {},
) {
  const event: UserEvent = { hook, user: { name, subject: sub }, ...more };
  await runUserHook({ db: inDatabase(postgres) }, definition, event);
  await runUserHook({ db: inDatabase(postgres) }, definition, event);
}

/** Everything that Miniflux keeps of a user, as one text. */
async function rowsOf({ sub }: { sub: string }): Promise<string> {
  const id = `(SELECT id FROM users WHERE openid_connect_id = '${sub}')`;
  const tables = ['api_keys', 'categories', 'feeds', 'integrations', 'web_sessions'];
  const rows = await postgres.sql(
    'miniflux',
    [
      `SELECT to_jsonb(users) - 'last_login_at' FROM users WHERE id = ${id};`,
      ...tables.map(
        (table) => `SELECT to_jsonb(t) - 'last_used_at' FROM ${table} t WHERE user_id = ${id} ORDER BY 1;`,
      ),
    ].join('\n'),
  );
  assert.ok(rows.length > 0, 'there is an account');
  return rows.join('\n');
}

/** Gives a user a key of each kind, as they would make it on their pages. */
const giveKeys = ({ sub, name }: { sub: string; name: string }) =>
  postgres.sql(
    'miniflux',
    `CREATE EXTENSION IF NOT EXISTS pgcrypto;
     INSERT INTO api_keys (user_id, token, description)
       SELECT id, 'token-of-${name}', 'phone' FROM users WHERE openid_connect_id = '${sub}';
     UPDATE users SET password = crypt('password-of-${name}', gen_salt('bf')) WHERE openid_connect_id = '${sub}';
     UPDATE integrations SET fever_enabled = true, fever_username = '${name}', fever_token = md5('${name}'),
       googlereader_enabled = true, googlereader_username = '${name}',
       googlereader_password = crypt('reader-of-${name}', gen_salt('bf'))
       WHERE user_id = (SELECT id FROM users WHERE openid_connect_id = '${sub}');`,
  );

/** Which of a user's keys open something in the running program. */
async function openedBy(name: string, as = name): Promise<Record<string, boolean>> {
  const post = (path: string, body: Record<string, string>) =>
    fetch(`${program.origin}${path}`, { method: 'POST', body: new URLSearchParams(body) });
  const me = (headers: Record<string, string>) => fetch(`${program.origin}/v1/me`, { headers });
  const basic = Buffer.from(`${as}:password-of-${name}`).toString('base64');
  const { createHash } = await import('node:crypto');
  const fever = await post('/fever/?api', { api_key: createHash('md5').update(name).digest('hex') });
  return {
    token: (await me({ 'x-auth-token': `token-of-${name}` })).ok,
    password: (await me({ authorization: `Basic ${basic}` })).ok,
    fever: ((await fever.json()) as { auth?: number }).auth === 1,
    googleReader: (await post('/accounts/ClientLogin', { Email: name, Passwd: `reader-of-${name}` })).ok,
  };
}
const all = { token: true, password: true, fever: true, googleReader: true };
const none = { token: false, password: false, fever: false, googleReader: false };

test('an administrator who has never logged in gets an account, and their login leads into it', async () => {
  await twice('setAdmin', ada, { isAdmin: true });
  const login = definition.needs!.login!;
  // The login check of the agent, with Miniflux's own pages: an administrator, a user, a stranger.
  await checkLogin({
    ...login,
    service: 'miniflux',
    origin: `https://${host}`,
    login: provider.issuer,
    ports: { [host]: Number(new URL(program.origin).port), [`127.0.0.1:${provider.port}`]: provider.port },
    admin: ada,
    user: eve,
  });
  assert.deepEqual(await postgres.sql('miniflux', 'SELECT username, is_admin FROM users ORDER BY id;'), [
    'ada|t',
    'eve|f',
  ]);
});

test('an administrator who leaves the group stays a user', async () => {
  const before = await rowsOf(eve);
  await twice('setAdmin', ada, { isAdmin: false });
  assert.match(await rowsOf(ada), /"is_admin": false/);
  assert.equal(await rowsOf(eve), before);
});

test('a logout ends the sessions of one user', async () => {
  const before = await rowsOf(eve);
  assert.match(await rowsOf(ada), /secret_hash/);
  await twice('logOut', ada);
  assert.doesNotMatch(await rowsOf(ada), /secret_hash/);
  assert.equal(await rowsOf(eve), before);
});

test('a disabled user gets in by no key, and each works again when the user is enabled', async () => {
  await giveKeys(ada);
  await giveKeys(eve);
  const before = { ada: await rowsOf(ada), eve: await rowsOf(eve) };
  assert.deepEqual(await openedBy('ada'), all);
  await twice('disable', ada);
  assert.deepEqual(await openedBy('ada'), none);
  assert.deepEqual(await openedBy('eve'), all);
  await twice('enable', ada);
  assert.deepEqual(await openedBy('ada'), all);
  assert.deepEqual({ ada: await rowsOf(ada), eve: await rowsOf(eve) }, before);
});

test('another name is shown, and the account stays the same', async () => {
  const before = await rowsOf(eve);
  await twice('rename', ada, { newName: 'lovelace' });
  assert.match(await rowsOf(ada), /"username": "lovelace"/);
  assert.deepEqual(await openedBy('ada', 'lovelace'), all);
  assert.equal(await rowsOf(eve), before);
});

test('a removed user leaves their name to others, and their feeds are no longer fetched', async () => {
  await postgres.sql(
    'miniflux',
    `INSERT INTO feeds (user_id, category_id, title, feed_url, site_url)
       SELECT user_id, id, title, 'https://example.org/' || user_id, '' FROM categories;`,
  );
  const before = await rowsOf(eve);
  await twice('remove', ada);
  const rows = await rowsOf(ada);
  assert.match(rows, /"username": "removed:1"/);
  assert.match(rows, /"disabled": true/);
  assert.equal(await rowsOf(eve), before);
});

test('a hook says nothing of a user who has never logged in, and names an account that only looks like theirs', async () => {
  const about = (user: { name: string; subject: string; email?: string }) =>
    runUserHook({ db: inDatabase(postgres) }, definition, { hook: 'disable', user });
  const subject = '6b1f0c2e-0000-4000-8000-00000000000f';
  assert.equal(await about({ name: 'nobody', subject, email: 'nobody@example.org' }), '');
  assert.equal(await about({ name: 'eve', subject: eve.sub, email: 'eve@example.org' }), '');
  const before = await rowsOf(eve);
  assert.match(
    await about({ name: 'eve', subject }),
    /^the account "eve" has the name or the address of eve, /,
  );
  assert.equal(await rowsOf(eve), before);
});

test('a name with SQL in it is a name', async () => {
  const odd = { name: `x'; DROP TABLE users; --`, subject: `y' OR true; --` };
  await runUserHook({ db: inDatabase(postgres) }, definition, { hook: 'setAdmin', user: odd, isAdmin: true });
  assert.deepEqual(await postgres.sql('miniflux', 'SELECT username FROM users ORDER BY id DESC LIMIT 1;'), [
    odd.name,
  ]);
});
