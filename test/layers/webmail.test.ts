import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Attribute, Change } from 'ldapts';
import { parse } from 'yaml';
import type { UserEvent } from '../../agent/users/run-hook.ts';
import { builtReference } from '../../core/release/image-references.ts';
import { ensureBuilt } from '../../sandbox/images/build-folder.ts';
import { docker, tryDocker } from '../../sandbox/machine/docker.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { contextHash } from '../../services/context-hash.ts';
import { projectRoot } from '../../system/project-root.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { runUserHook } from '../support/run-user-hook.ts';
import { scratch } from '../support/scratch.ts';
import { selfSigned } from '../support/self-signed.ts';
import { Slapd } from '../support/slapd.ts';
import { stubImap, stubLogin } from '../support/webmail-stubs.ts';

/**
 * Roundcube in its container, without a network: how it starts, where it leads a visitor, and what its hooks change. Login and mail
 * server are stubs beside it.
 */
const { definition, compose, folder } = (await loadCatalogue()).get('webmail')!;
const container = 'haven-sandbox-webmail-layer';
const uid = definition.data!.accounts!.uid;
const variables: Record<string, string> = {
  TZ: 'Europe/Berlin',
  DOMAIN: 'cloud.example',
  HOST: 'webmail.cloud.example',
  MAIL_HOST: 'mail.cloud.example',
  MAIL_DOMAIN: 'cloud.example',
  MAIL_DOMAINS: 'cloud.example second.example',
  MAIL_IMAP: 'dovecot:1144',
  MAIL_SUBMISSION: 'postfix:1587',
  MAIL_SIEVE: 'dovecot:4191',
  LOGIN_ISSUER: 'http://127.0.0.1:9000/realms/haven',
  LOGIN_CLIENT: 'webmail',
  LDAP_URL: 'ldapi://%2Fldap%2Fldapi',
  LDAP_BIND_DN: 'cn=webmail,ou=readers,ou=services,dc=haven',
  LDAP_USERS: 'ou=users,dc=haven',
};

let slapd: Slapd;

before(async () => {
  const sockets = scratch('webmail-ldap');
  chmodSync(sockets, 0o777);
  slapd = await Slapd.start('webmail', { sockets });
  const image = join(projectRoot, 'images/roundcube');
  const { reference } = await ensureBuilt(builtReference('roundcube', contextHash(image)), image);
  const data = join(scratch('webmail'), 'data');
  const secrets = join(scratch('webmail'), 'secrets');
  for (const each of [data, secrets]) mkdirSync(each);
  chownSync(data, uid, uid);
  for (const name of Object.keys(definition.secrets!)) {
    writeFileSync(
      join(secrets, name),
      name === 'bind-password' ? slapd.webmail.password : `value of ${name}`,
    );
    chmodSync(join(secrets, name), 0o644);
  }
  const { environment } = (
    parse(compose) as { services: { roundcube: { environment: Record<string, string> } } }
  ).services.roundcube;
  const given = Object.entries(environment).flatMap(([name, text]) => [
    '-e',
    `${name}=${text.replace(/\$\{(\w+)\}/g, (_, variable: string) => variables[variable] ?? assert.fail(variable))}`,
  ]);
  await tryDocker(['rm', '-f', container]);
  const tls = scratch('webmail-tls');
  const { certFile } = await selfSigned(variables.MAIL_HOST!, tls);
  chmodSync(tls, 0o755);
  chmodSync(join(tls, 'tls.key'), 0o644);
  const mounts = [
    `${folder}/files:/etc/haven:ro`,
    `${secrets}:/run/secrets:ro`,
    `${data}:/data`,
    `${sockets}:/ldap`,
    `${tls}:/tls:ro`,
    `${certFile}:/etc/ssl/certs/ca-certificates.crt:ro`,
  ];
  await docker([
    ...['run', '-d', '--name', container, '--network', 'none', '--read-only', '--tmpfs', '/tmp'],
    ...['--add-host', 'dovecot:127.0.0.1'],
    ...['--cap-drop', 'ALL', ...mounts.flatMap((each) => ['-v', each]), ...given, reference],
  ]);
  const serve = 'printf %s "$STUB" > /tmp/login.php && exec php -S 127.0.0.1:9000 /tmp/login.php';
  await docker(['exec', '-d', '-e', `STUB=${stubLogin}`, container, 'sh', '-c', serve]);
  await docker(['exec', '-d', container, 'php', '-r', stubImap]);
  await waitUntil('Roundcube', async () => (await exec(['start-roundcube', 'check'])).code === 0, {
    timeoutMs: 60_000,
  });
});
after(async () => {
  await tryDocker(['rm', '-f', container]);
  await slapd?.stop();
});

const exec = (command: string[], given: Record<string, string> = {}) => {
  const environment = Object.entries(given).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  return tryDocker(['exec', ...environment, container, ...command]);
};

/** What a visitor gets for a path, headers and page. */
async function page(path: string, headers = ''): Promise<string> {
  const request = `GET ${path} HTTP/1.0\r\nHost: ${variables.HOST}\r\n${headers}\r\n`;
  const script = 'exec 3<>/dev/tcp/127.0.0.1/8080; printf %s "$REQUEST" >&3; cat <&3';
  const { stdout } = await exec(['bash', '-c', script], { REQUEST: request });
  return stdout;
}

/** The answer to a question of the database. */
async function query(sql: string): Promise<unknown[][]> {
  const script =
    'echo json_encode((new PDO("sqlite:/data/roundcube.db"))->query(getenv("SQL"))->fetchAll(PDO::FETCH_NUM));';
  const { code, stdout, stderr } = await exec(['php', '-r', script], { SQL: sql });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const login = `${variables.LOGIN_ISSUER}/protocol/openid-connect`;

/** Where an answer leads a browser. */
function locationOf(answer: string): URL {
  assert.match(answer, /^HTTP\/1\.1 302 /);
  return new URL(/^Location: (.*)\r$/m.exec(answer)?.[1] ?? assert.fail(answer));
}
const beginsLogin = (answer: string): void => {
  const { origin, pathname } = locationOf(answer);
  assert.equal(origin + pathname, `${login}/auth`);
};

test('a visitor is led to the one login, and back to the address that the login knows', async () => {
  const answer = await page('/');
  beginsLogin(answer);
  const asked = Object.fromEntries(locationOf(answer).searchParams);
  assert.equal(asked.client_id, 'webmail');
  assert.equal(asked.redirect_uri, `https://${variables.HOST}${definition.needs!.login!.callback}`);
  assert.ok(asked.state);
  assert.match(answer, /^Set-Cookie: .*; secure; HttpOnly/im);
});

test('a code that this browser did not ask for is not redeemed', async () => {
  beginsLogin(await page('/index.php/login/oauth?code=stolen&state=any'));
});

test('a page that shows who is logged in is not shown to others', async () => {
  const cookie = 'Cookie: roundcube_sessid=of-a-session-that-is-over; roundcube_sessauth=x\r\n';
  for (const { path } of definition.needs!.login!.pages) {
    beginsLogin(await page(path));
    beginsLogin(await page(path, cookie));
  }
});

test('a page that fetches parts learns that the session is over, and opens webmail again', async () => {
  const cookie = 'Cookie: roundcube_sessid=of-a-session-that-is-over; roundcube_sessauth=x\r\n';
  assert.match(
    await page('/?_task=mail&_action=refresh&_remote=1', cookie),
    /session_error\([^)]*_err=session/,
  );
  beginsLogin(await page('/?_err=session'));
});

test('after a login that opened no mailbox there is a page that says so, and no circle', async () => {
  const answer = await page(
    '/index.php/login/oauth?code=given&state=known',
    await cookiesOf('tess', { oauth_state: 'known', user_id: null }),
  );
  assert.match(answer, /^HTTP\/1\.\d 401 /);
  assert.doesNotMatch(answer, /type="?password/);
});

test('a session goes on while its token is good, and leads to the login when it can no longer be renewed', async () => {
  const token = (expires: number) => ({
    oauth_token: { expires, refresh_token: 'encrypted', auth_type: 'XOAUTH2' },
  });
  const now = Math.floor(Date.now() / 1000);
  const settings = '/?_task=settings&_action=about';
  assert.match(await page(settings, await cookiesOf('una', token(now + 300))), /^HTTP\/1\.1 200 /);
  beginsLogin(await page(settings, await cookiesOf('una', token(now - 10))));
});

/** Keeps cookies, as browsers do. */
class Browser {
  readonly #cookies: Map<string, string>;

  /** `cookies`: what it has of an earlier session. */
  constructor(cookies = '') {
    this.#cookies = new Map(
      [...cookies.matchAll(/([^=\s;]+)=([^;\r]*)/g)].map(([, name, value]) => [name!, value!]),
    );
  }

  async open(path: string): Promise<string> {
    const cookies = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await page(path, cookies === '' ? '' : `Cookie: ${cookies}\r\n`);
    for (const [, name, value] of answer.matchAll(/^Set-Cookie: ([^=]+)=([^;\r]*)/gim))
      this.#cookies.set(name!, value!);
    return answer;
  }

  /** Logs in where an answer leads: the page of webmail that this ends at, without the token in its address. */
  async logIn(answer: string): Promise<Record<string, string>> {
    beginsLogin(answer);
    const state = locationOf(answer).searchParams.get('state') ?? '';
    const origin = `https://${variables.HOST}`;
    const path = `/index.php/login/oauth?code=good&state=${encodeURIComponent(state)}`;
    const back = await this.open(path);
    assert.match(back, /^HTTP\/1\.1 302 /);
    const location = new URL(/^Location: (.*)\r$/m.exec(back)?.[1] ?? assert.fail(back), origin + path);
    assert.equal(location.origin, origin);
    const { _token: _, ...query } = Object.fromEntries(location.searchParams);
    return query;
  }

  /** Where a link ends that is opened without a session. */
  leads = async (path: string) => this.logIn(await this.open(path));
}
const inbox = { _task: 'mail' };
const message = { ...inbox, _action: 'show', _mbox: 'Junk & more', _uid: '3' };
const linkTo = (of: Record<string, string>) => `/?${new URLSearchParams(of)}`;

test('a link to a page leads there after the login', async () => {
  const compose = { ...inbox, _action: 'compose' };
  const pages: Record<string, string>[] = [
    { ...inbox, _mbox: 'Junk', _uid: '3' },
    message,
    { ...compose, _to: 'mailto:friend@elsewhere.example?subject=Grüße&body=Hello' },
    { ...compose, _to: 'friend@elsewhere.example', _subject: 'Grüße' },
    { _task: 'settings', _action: 'plugin.managesieve-vacation' },
    { _task: 'addressbook' },
    inbox,
  ];
  for (const wanted of pages) assert.deepEqual(await new Browser().leads(linkTo(wanted)), wanted);
  assert.deepEqual(await new Browser().leads('/'), inbox);
});

test('a link leads nowhere else, and gives no order', async () => {
  for (const [path, leads] of [
    ['/?_task=mail&_action=delete&_uid=1&_mbox=INBOX', inbox],
    ['/?_task=settings&_action=delete-identity&_iid=1', inbox],
    ['/?_task=mail&_mbox[]=a&_uid=3', { ...inbox, _uid: '3' }],
    ['/?_task=mail&_action=show&_uid=3&_safe=1&_token=a', { ...inbox, _action: 'show', _uid: '3' }],
    ['/?_task=mail&_action=compose&_id=over', { ...inbox, _action: 'compose' }],
    ['/?_task=https://elsewhere.example/', inbox],
    ['/?_task=mail&_action=https://elsewhere.example/', inbox],
    ['/?_url=https://elsewhere.example/&_task=mail', inbox],
    ['/?_task=login', inbox],
  ] as const)
    assert.deepEqual(await new Browser().leads(path), leads, path);
});

test('so does one that is opened once the session is over: it is unknown, not renewed, or of another browser', async () => {
  const expired = { oauth_token: { expires: 1, refresh_token: 'encrypted', auth_type: 'XOAUTH2' } };
  for (const cookies of [
    'roundcube_sessid=of-a-session-that-is-over; roundcube_sessauth=x',
    await cookiesOf('wim', expired),
    (await cookiesOf('will', {})).replace('secret-', 'another-'),
  ])
    assert.deepEqual(await new Browser(cookies.replace('Cookie: ', '')).leads(linkTo(message)), message);
});

test('what is opened last counts, and not what an open page fetches', async () => {
  const browser = new Browser();
  const first = await browser.open(linkTo(message));
  await browser.open('/?_task=mail&_action=refresh&_remote=1');
  assert.deepEqual(await browser.logIn(first), message);
  const other = new Browser();
  await other.open(linkTo(message));
  assert.deepEqual(await other.leads('/'), inbox);
});

test('logging out ends the login, too, and leads back to webmail', async () => {
  const vars = { request_token: 'token', haven_id_token: 'who-is-logged-in' };
  const location = locationOf(await page('/?_task=logout&_token=token', await cookiesOf('olga', vars)));
  assert.equal(location.origin + location.pathname, `${login}/logout`);
  assert.deepEqual(Object.fromEntries(location.searchParams), {
    client_id: 'webmail',
    post_logout_redirect_uri: `https://${variables.HOST}/`,
    id_token_hint: 'who-is-logged-in',
  });
  const left = (await query("SELECT vars FROM session WHERE sess_id = 'cookie-of-olga'")).map(([vars]) =>
    Buffer.from(String(vars), 'base64').toString(),
  );
  assert.doesNotMatch(left.join(), /olga|who-is-logged-in/);
});

test('a user whose session was over before they logged out ends the login all the same', async () => {
  const location = locationOf(await page('/?_task=logout&_token=token'));
  assert.equal(location.origin + location.pathname, `${login}/logout`);
  assert.equal(location.searchParams.get('id_token_hint'), null);
});

test('settings, parts of programs and the database are not pages', async () => {
  for (const path of [
    '/config/config.inc.php',
    '/plugins/haven/haven.php',
    '/plugins/managesieve/config.inc.php.dist',
    '/program/include/rcmail.php',
    '/../data/roundcube.db',
    '/installer/index.php',
    '/SQL/sqlite.initial.sql',
    '/logs/errors',
  ])
    assert.match(await page(path), /^HTTP\/1\.1 40[034] /, path);
});

test('a user who is logged out loses their sessions, and nobody else', async () => {
  await addUser('ada');
  await addUser('ad');
  assert.equal(await hook('logOut', 'ada'), '');
  assert.deepEqual(await sessions(), ['ad']);
  assert.deepEqual(await query("SELECT username FROM users WHERE username LIKE 'ad%' ORDER BY 1"), [
    ['ad'],
    ['ada'],
  ]);
});

test('a user who is renamed keeps contacts and settings, and gets the new address', async () => {
  await addUser('grace');
  for (const _ of [1, 2]) await hook('rename', 'grace', { newName: 'hopper' });
  assert.deepEqual(await query("SELECT username FROM users WHERE username IN ('grace', 'hopper')"), [
    ['hopper'],
  ]);
  const own = '(SELECT user_id FROM users WHERE username = "hopper")';
  assert.deepEqual(await query(`SELECT email FROM identities WHERE user_id = ${own}`), [
    ['hopper@cloud.example'],
    ['grace@elsewhere.example'],
  ]);
  assert.deepEqual(await query(`SELECT name FROM contacts WHERE user_id = ${own}`), [['contact of grace']]);
  assert.ok(!(await sessions()).includes('grace'));
});

test('of a user who is removed nothing is left', async () => {
  await addUser('eve');
  for (const _ of [1, 2]) await hook('remove', 'eve');
  const left =
    "SELECT name FROM contacts WHERE name LIKE '%eve' UNION SELECT email FROM identities WHERE email LIKE 'eve@%'";
  assert.deepEqual(await query(left), []);
  assert.ok(!(await sessions()).includes('eve'));
});

test('identities follow the addresses of their user, and what the user wrote into one stays', async () => {
  const dn = 'uid=ida,ou=users,dc=haven';
  const aliases = ['office@cloud.example', 'Ida.L@second.example', 'ida@elsewhere.example'];
  await slapd.asAgent((client) =>
    client.add(dn, {
      ...{ objectClass: ['inetOrgPerson', 'havenUser'], uid: 'ida', cn: 'Ida Lovelace', sn: 'Lovelace' },
      ...{ mail: 'ida@private.example', havenAlias: aliases },
    }),
  );
  const change = (type: string, values: string[]) =>
    slapd.asAgent((client) =>
      client.modify(dn, new Change({ operation: 'replace', modification: new Attribute({ type, values }) })),
    );
  await addUser('ida');
  await keepAddresses('ida');
  const given = ['ida@cloud.example', 'ida@second.example', 'ida.l@second.example', 'office@cloud.example'];
  // It had two before, without a name: one of them at an address that mail does not know.
  const before = ['ida@cloud.example ', 'ida@elsewhere.example '];
  const named = (name: string, addresses: string[]) => addresses.map((each) => `${each} ${name}`);
  assert.deepEqual(await identitiesOf('ida'), [...before, ...named('Ida Lovelace', given.slice(1))].sort());

  const own = '(SELECT user_id FROM users WHERE username = "ida")';
  await query(
    `UPDATE identities SET signature = 'Ida' WHERE email = 'office@cloud.example' AND user_id = ${own}`,
  );
  await query(`UPDATE identities SET del = 1 WHERE email = 'ida@second.example' AND user_id = ${own}`);
  await change('havenAlias', ['new@cloud.example']);
  await change('cn', ['Ida Byron']);
  for (const _ of [1, 2]) await keepAddresses('ida');
  assert.deepEqual(
    await identitiesOf('ida'),
    [...before, 'office@cloud.example Ida Lovelace', 'new@cloud.example Ida Byron'].sort(),
  );
});

test('while LDAP does not answer, identities stay as they are', async () => {
  await addUser('lena');
  const wrong = { LDAP_URL: 'ldapi://%2Fldap%2Fnothing' };
  assert.match(await keepAddresses('lena', wrong), /addresses of lena can't be looked up/);
  assert.deepEqual(await identitiesOf('lena'), ['lena@cloud.example ', 'lena@elsewhere.example ']);
});

/** Does what each login does, and answers with what it wrote into the log. */
async function keepAddresses(name: string, given: Record<string, string> = {}): Promise<string> {
  const script = `
    define("INSTALL_PATH", "/var/lib/roundcube/");
    require INSTALL_PATH . "program/include/clisetup.php";
    $rcmail = rcmail::get_instance();
    $rcmail->set_user(rcube_user::query(getenv("NAME"), "dovecot"));
    $rcmail->plugins->exec_hook("login_after", ["_task" => "mail"]);`;
  const { code, stdout, stderr } = await exec(['php', '-r', script], { NAME: name, ...given });
  assert.equal(code, 0, stdout + stderr);
  return stdout + stderr;
}

const identitiesOf = async (name: string): Promise<string[]> =>
  (
    await query(
      `SELECT email || ' ' || name FROM identities WHERE del = 0 AND user_id = (SELECT user_id FROM users WHERE username = "${name}") ORDER BY 1`,
    )
  ).map(([text]) => String(text));

/** The cookies of a session that Roundcube has for a user, with these values in it. */
async function cookiesOf(name: string, values: object): Promise<string> {
  const id = `cookie-of-${name}`;
  const script = `
    $db = new PDO("sqlite:/data/roundcube.db", null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    $name = getenv("NAME");
    $db->prepare("INSERT OR IGNORE INTO users (username, mail_host, language) VALUES (?, 'dovecot', 'en_US')")->execute([$name]);
    $find = $db->prepare("SELECT user_id FROM users WHERE username = ?");
    $find->execute([$name]);
    $vars = ["language" => "en_US", "user_id" => $find->fetchColumn(), "username" => $name, "storage_host" => "dovecot",
      "storage_port" => 1144, "storage_ssl" => "tls", "password" => "", "auth_secret" => "secret"];
    $text = "";
    foreach (array_merge($vars, json_decode(getenv("VALUES"), true)) as $key => $value) $text .= "$key|" . serialize($value);
    $db->prepare("INSERT OR REPLACE INTO session (sess_id, changed, ip, vars) VALUES (?, datetime('now'), '127.0.0.1', ?)")
      ->execute([getenv("ID"), base64_encode($text)]);`;
  const { code, stderr } = await exec(['php', '-r', script], {
    NAME: name,
    ID: id,
    VALUES: JSON.stringify(values),
  });
  assert.equal(code, 0, stderr);
  const slot = Math.floor(Date.now() / 1000 / 1800) * 1800;
  return `Cookie: roundcube_sessid=${id}; roundcube_sessauth=secret-${slot}\r\n`;
}

/** A user as Roundcube stores one, with a session. */
async function addUser(name: string): Promise<void> {
  const script = `
    $db = new PDO("sqlite:/data/roundcube.db", null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    $name = getenv("NAME");
    $db->prepare("INSERT INTO users (username, mail_host, language) VALUES (?, 'dovecot', 'en_US')")->execute([$name]);
    $id = $db->lastInsertId();
    foreach (["$name@cloud.example", "$name@elsewhere.example"] as $email)
      $db->prepare("INSERT INTO identities (user_id, email) VALUES (?, ?)")->execute([$id, $email]);
    $db->prepare("INSERT INTO contacts (user_id, name) VALUES (?, ?)")->execute([$id, "contact of $name"]);
    $vars = "language|s:5:\\"en_US\\";user_id|i:$id;username|" . serialize($name) . "storage_host|s:7:\\"dovecot\\";";
    $db->prepare("INSERT INTO session (sess_id, vars) VALUES (?, ?)")->execute(["session of $name", base64_encode($vars)]);`;
  const { code, stderr } = await exec(['php', '-r', script], { NAME: name });
  assert.equal(code, 0, stderr);
}

/** Whose sessions there are. */
async function sessions(): Promise<string[]> {
  const rows = await query("SELECT sess_id FROM session WHERE sess_id LIKE 'session of %' ORDER BY 1");
  return rows.map(([id]) => String(id).replace('session of ', ''));
}

const hook = (which: UserEvent['hook'], name: string, more: Partial<UserEvent> = {}): Promise<string> =>
  runUserHook({ roundcube: exec }, definition, {
    hook: which,
    user: { name, subject: `id-of-${name}` },
    ...more,
  });
