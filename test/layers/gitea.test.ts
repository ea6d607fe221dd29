import assert from 'node:assert/strict';
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { checkLogin } from '../../agent/checks/login-check.ts';
import type { UserEvent, UserIdentity } from '../../agent/users/run-hook.ts';
import type { UserHookName } from '../../core/service.ts';
import { docker } from '../../sandbox/machine/docker.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { HeadlessBrowser, type Page } from '../../system/headless-browser.ts';
import { Gitea } from '../support/gitea.ts';
import { LoginProvider } from '../support/login-provider.ts';
import { Postgres } from '../support/postgres.ts';
import { inDatabase, runUserHook } from '../support/run-user-hook.ts';
import { scratch } from '../support/scratch.ts';

/**
 * Gitea's accounts: its own image, with the settings and hooks of its service. What a user does to get at another one is
 * judged by what that other one sees.
 */
const { definition } = (await loadCatalogue()).get('gitea')!;
const login = loginOf(definition);
const host = 'git.example.org';
const origin = `https://${host}`;

function loginOf({ needs }: typeof definition) {
  const { login } = needs!;
  assert.ok(login);
  return login;
}

const known = (n: number, name: string, groups: string[] = []) => ({
  sub: `6b1f0c2e-0000-4000-8000-00000000000${n}`,
  ...{ name, groups, password: `password of ${name}` },
});
const ada = known(1, 'ada', ['admins']);
const eve = known(2, 'eve');
const mallory = known(3, 'mallory');
const grace = known(4, 'grace', ['admins']);
const alan = known(5, 'alan');
const bob = known(6, 'bob');
const late = known(7, 'late');
type Known = typeof ada;

let postgres: Postgres;
let provider: LoginProvider;
let gitea: Gitea;

before(async () => {
  postgres = await Postgres.start('gitea', { listen: '127.0.0.1' });
  await postgres.createDatabase('gitea');
  const client = { id: 'gitea', secret: 'secret-of-the-client', redirectUri: `${origin}${login.callback}` };
  provider = await LoginProvider.open(client, [ada, eve, mallory, grace, alan, bob, late]);
  // In a new cloud it starts before the login.
  provider.isAway = true;
  gitea = await Gitea.start(
    {
      ...{
        TZ: 'UTC',
        HOST: host,
        OPTION_TITLE: 'Git',
        OPTION_SIGN_IN_TO_SEE: 'true',
        OPTION_MAX_FILE_MB: '8',
      },
      ...{ LOGIN_ISSUER: provider.issuer, LOGIN_CLIENT: client.id, LOGIN_ADMINS: 'admins' },
    },
    client.secret,
  );
  provider.isAway = false;
});
after(async () => {
  await gitea?.stop();
  provider?.close();
  await postgres?.stop();
});

const identity = ({ sub, name }: Known): UserIdentity => ({
  name,
  subject: sub,
  email: `${name}@example.org`,
});

/** Runs the hook `add` twice, because it may be cut off and run again; answers with what the second run refused. */
async function add(...users: (Known & { fullName?: string })[]): Promise<string> {
  const lines = users.map(
    ({ sub, name, fullName = `${name} Test` }) => `${sub}\t${name}\t${name}@example.org\t${fullName}\n`,
  );
  const run = () => gitea.exec(definition.userHooks!.add!.command, {}, lines.join(''));
  await run();
  const { code, stdout, stderr } = await run();
  assert.equal(code, 0, stderr);
  return stdout;
}

const hook = (name: UserHookName, user: UserIdentity, more: Partial<UserEvent> = {}) =>
  runUserHook({ db: inDatabase(postgres), gitea: gitea.inContainer }, definition, {
    ...{ hook: name, user },
    ...more,
  });

/** A browser that is led to the login from Gitea, and in which a user then logs in; with the page where that ended. */
async function logIn({ name, password }: Known): Promise<{ browser: HeadlessBrowser; landed: Page }> {
  const browser = new HeadlessBrowser({
    [host]: { port: gitea.port },
    [`127.0.0.1:${provider.port}`]: { port: provider.port },
  });
  const { body } = await browser.open(`${origin}${login.begin}`);
  const action = /action="([^"]+)"/.exec(body)?.[1]?.replaceAll('&amp;', '&') ?? assert.fail(body);
  const landed = await browser.open(action, { form: { username: name, password } });
  return { browser, landed };
}

/** What a user sees of Gitea after they have logged in: the name of their account, or the status of an error page. */
async function entered(user: Known): Promise<string> {
  const { browser, landed } = await logIn(user);
  if (landed.status !== 200) return String(landed.status);
  const settings = await browser.open(`${origin}/user/settings`);
  return /data-name="([^"]*)"/.exec(settings.body)?.[1] ?? `no account at ${settings.url}`;
}

const rows = (statement: string) => postgres.sql('gitea', statement);

test('the login check passes with accounts that the agent made', async () => {
  assert.equal(await add(ada, eve, mallory, bob), '');
  await checkLogin({
    ...login,
    ...{ service: 'gitea', origin, login: provider.issuer, admin: ada, user: eve },
    ports: { [host]: gitea.port, [`127.0.0.1:${provider.port}`]: provider.port },
  });
  assert.deepEqual(
    await rows(
      `SELECT name, email, full_name, login_name, is_admin FROM "user" WHERE type = 0 ORDER BY name`,
    ),
    [
      `ada|ada@example.org|ada Test|${ada.sub}|t`,
      `bob|bob@example.org|bob Test|${bob.sub}|f`,
      `eve|eve@example.org|eve Test|${eve.sub}|f`,
      `mallory|mallory@example.org|mallory Test|${mallory.sub}|f`,
    ],
  );
});

test('a user who has another address or full name has it here after the next run', async () => {
  assert.equal(await add({ ...bob, fullName: 'Bob "the \\ builder"' }), '');
  assert.deepEqual(await rows(`SELECT full_name FROM "user" WHERE name = 'bob'`), ['Bob "the \\ builder"']);
});

test('nobody gets into an account that has only their name or their address', async () => {
  const token = await gitea.tokenOf('mallory');
  assert.equal((await gitea.ask(token, 'POST', '/orgs', { username: 'grace' })).status, 201);
  // By the path that the reverse proxy hides: an address that is taken all the same leads nobody into the account.
  await gitea.ask(token, 'POST', '/user/emails', { emails: ['alan@example.org'] });
  assert.equal(await entered(grace), '500');
  assert.equal(await entered(alan), '500');
  assert.equal(await entered(late), 'late', 'whose name and address are free');
  assert.deepEqual(
    await rows(`SELECT name, is_admin FROM "user" WHERE name IN ('mallory', 'grace') ORDER BY name`),
    ['grace|f', 'mallory|f'],
  );
  assert.deepEqual(
    await rows(
      'SELECT count(*) FROM external_login_user WHERE user_id NOT IN (SELECT id FROM "user" WHERE login_name = external_id)',
    ),
    ['0'],
  );
});

test('the hook says who has the name or the address of a user, and what to do', async () => {
  const refused = (await add(grace, alan, known(8, 'explore'))).split('\n');
  assert.equal(
    refused[0],
    `${grace.sub}\tan organization has the name grace. Rename or delete it: https://git.example.org/org/grace/settings`,
  );
  assert.match(
    refused[1]!,
    /another account of Gitea \(mallory\) has the address alan@example\.org\. Remove it there/,
  );
  assert.match(refused[2]!, /name is reserved \[name: explore\]/);
  await assert.rejects(
    hook('rename', identity(eve), { newName: 'grace' }),
    /an organization has the name grace/,
  );
  assert.equal(await entered(eve), 'eve', 'they log in as before');
});

test('a user can change neither their name, nor their address, nor delete the account', async () => {
  const { browser } = await logIn(mallory);
  const settings = await browser.open(`${origin}/user/settings`);
  const token = /name="_csrf" value="([^"]+)"/.exec(settings.body)?.[1] ?? '';
  assert.notEqual(token, '');
  const before = await rows(`SELECT * FROM "user" WHERE name = 'mallory'`);
  const send = (path: string, form: Record<string, string>) =>
    browser.open(`${origin}${path}`, { form: { _csrf: token, ...form }, follow: false });
  await send('/user/settings', { name: 'grace2', full_name: 'Grace', visibility: '0' });
  await send('/user/settings', { full_name: 'Grace Hopper', visibility: '0' });
  await send('/user/settings/account/email', { email: 'grace@example.org' });
  await send('/user/settings/account/delete', { password: '' });
  assert.deepEqual(await rows(`SELECT name, full_name, email FROM "user" WHERE name = 'mallory'`), [
    'mallory|mallory Test|mallory@example.org',
  ]);
  assert.equal(before.length, 1);
  assert.deepEqual(await rows(`SELECT uid FROM email_address WHERE email = 'grace@example.org'`), []);
  // The same paths of the API check nothing, so the reverse proxy does not serve them.
  const { hidden = [] } = definition.needs!.route!;
  assert.deepEqual(hidden, ['/api/v1/user/emails*', '/api/v1/user/settings*']);
});

for (const fullName of [
  'eve/../bob/secret',
  'eve/../../admin/cron/delete_inactive_accounts#',
  'eve/no such',
  '$(touch /tmp/x)/`id`',
])
  test(`a removal transfers only what the user owns, whatever their display name says: ${fullName}`, async () => {
    assert.equal(await add(eve, bob), '');
    const [of, ofBob] = [await gitea.tokenOf('eve'), await gitea.tokenOf('bob')];
    await gitea.ask(of, 'POST', '/user/repos', { name: 'notes', private: true });
    await gitea.ask(ofBob, 'POST', '/user/repos', { name: 'secret', private: true });
    await rows(
      `UPDATE "user" SET full_name = '${fullName}' WHERE name = 'eve'; DELETE FROM repository WHERE owner_name = 'ada';`,
    );
    const successor = { name: 'ada', subject: ada.sub };
    await hook('remove', identity(eve), { successor });
    await hook('remove', identity(eve), { successor });
    assert.deepEqual(await rows('SELECT owner_name, name FROM repository ORDER BY 1, 2'), [
      'ada|notes',
      'bob|secret',
    ]);
    assert.deepEqual(await rows(`SELECT id FROM "user" WHERE name = 'eve' OR name LIKE 'haven-task%'`), []);
    const token = await gitea.tokenOf('ada');
    await gitea.ask(token, 'DELETE', '/repos/ada/notes');
  });

test('a rename moves repositories, and runs again without harm', async () => {
  await rows(`UPDATE "user" SET full_name = 'bob/../ada' WHERE name = 'bob'`);
  await hook('rename', identity(bob), { newName: 'robert' });
  await hook('rename', identity(bob), { newName: 'robert' });
  assert.equal(await entered({ ...bob, name: 'bob' }), 'robert');
  assert.deepEqual(await rows(`SELECT owner_name FROM repository WHERE name = 'secret'`), ['robert']);
});

test('a user who is removed without a successor leaves name and address to the next one, and what they made stays', async () => {
  await hook('disable', identity(bob));
  await hook('remove', { ...identity(bob), name: 'robert' });
  await hook('remove', { ...identity(bob), name: 'robert' });
  const next = { ...known(9, 'robert'), fullName: 'Robert' };
  assert.equal(await add(next, known(6 + 4, 'bob')), '');
  const [owner] = await rows(`SELECT owner_name FROM repository WHERE name = 'secret'`);
  assert.match(owner!, /^haven-removed-\d+$/);
  assert.deepEqual(await rows(`SELECT prohibit_login FROM "user" WHERE name = '${owner}'`), ['t']);
});

test('disabling says so where an account only looks like the user’s, and nothing of a user without any', async () => {
  const stranger = '6b1f0c2e-0000-4000-8000-0000000000ff';
  const said = await hook('disable', { name: 'nobody', subject: stranger, email: 'alan@example.org' });
  assert.match(
    said,
    /the account "mallory" has the name or the address of nobody, but is not linked to their login/,
  );
  const renamed = await hook('rename', { name: 'mallory', subject: stranger, email: '' }, { newName: 'x' });
  assert.match(renamed, /another account of Gitea has the name mallory/);
  assert.equal(await hook('disable', { name: 'nobody', subject: stranger, email: 'nobody@example.org' }), '');
  assert.equal(await hook('disable', identity(ada)), '');
  assert.equal(await hook('enable', identity(ada)), '');
});

test('the psql of the hooks needs nothing of the image in which it runs: upstream’s has another C library', async () => {
  const folder = scratch('empty-image');
  const image = 'openhaven/gitea-test:empty';
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nLABEL empty=yes\n');
  await docker(['build', '-q', '-t', image, folder], { env: { ...process.env, DOCKER_BUILDKIT: '0' } });
  const here = '/var/lib/gitea/haven/psql';
  const loader = globSync('ld-linux*.so.*', { cwd: join(gitea.data, 'haven/psql') });
  const { stdout } = await docker([
    ...['run', '--rm', '--network', 'none', '--user', '1000:1000', '--cap-drop', 'ALL', '--read-only'],
    ...['-v', `${gitea.data}:/var/lib/gitea:ro`, '--entrypoint', `${here}/${loader[0]}`, image],
    ...['--library-path', here, `${here}/program`, '--version'],
  ]);
  assert.match(stdout, /^psql \(PostgreSQL\) 17\./);
  await docker(['image', 'rm', image]);
});
