import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { linkIn } from '../../agent/users/invitation.ts';
import type { User } from '../../core/users/user.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { openBrowser } from '../support/browser.ts';
import { firstServer } from '../support/first-server.ts';
import { GitClient } from '../support/git.ts';
import { modifyLdap } from '../support/ldap.ts';
import { askLogin, credentialsOf, loginUser } from '../support/login-admin.ts';
import { acceptInvitation, choosePassword, enterKey, logIn, makeRepository } from '../support/login-pages.ts';
import { MailAccount } from '../support/mail-account.ts';
import { fromOutside, startVisitor } from '../support/outside.ts';
import { Owner } from '../support/owner.ts';
import {
  enterCode,
  enterRecoveryCode,
  setUpAuthenticator,
  setUpRecoveryCodes,
} from '../support/second-factor-pages.ts';

/** One user, one password, one place to switch them off: on a phone, with git, and when LDAP is in trouble. */
const domain = 'users.test';
const git = `git.${domain}`;
const login = `login.${domain}`;
const www = `www.${domain}`;
const me = `me.${domain}`;
const vault = `vault.${domain}`;
const calendar = `calendar.${domain}`;
const password = 'Correct-horse-battery-7';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let owner: Owner;
let machine = '';
let ipv4 = '';
let client: GitClient;
let phone: BrowserContext;
let page: Page;
let devtools: CDPSession;
let token = '';
let appPassword = '';

before(async () => {
  owner = await Owner.begin(domain);
  await owner.init({ services: ['calendar', 'gitea', 'vaultwarden', 'website'] });
  owner.edit('website: {}', 'website:\n    access: users');
  await owner.must(['up', '--yes']);
  ({ machine, ipv4 } = await firstServer());
  client = new GitClient(git, ipv4);
  await startVisitor();
  phone = await openBrowser([git, login, www, me, vault], {
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    // axe is put into the page, whose policy allows no script.
    bypassCSP: true,
  });
  page = await phone.newPage();
  // A phone's own key store, opened by its owner's finger (WebAuthn Level 2).
  devtools = await phone.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
});
after(async () => {
  await phone?.close();
  client?.forget();
  owner?.forget();
});

/** Adds somebody; answers with the link that invites them. */
const add = async (name: string): Promise<string> => {
  const typed = ['user', 'add', name, '--given-name', name, '--surname', 'Test'];
  const link = /https:\/\/\S+action-token\S+/.exec((await owner.must(typed)).stdout)?.[0];
  assert.ok(link, 'the link is printed');
  return link;
};
const invite = async (name: string): Promise<string> =>
  (JSON.parse((await owner.must(['user', 'invite', name, '--json'])).stdout) as { link: string }).link;
const users = async (): Promise<User[]> =>
  JSON.parse((await owner.must(['user', 'list', '--json'])).stdout) as User[];

const openGitea = (on: Page) => on.goto(`https://${git}/user/oauth2/haven`);
const api = (path: string) =>
  fromOutside([
    ...['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '--cacert', '/roots.pem'],
    ...[
      '-H',
      `Authorization: token ${token}`,
      '--resolve',
      `${git}:443:${ipv4}`,
      `https://${git}/api/v1${path}`,
    ],
  ]).then((done) => done.stdout);
const ssh = `ssh://git@${git}:2222/ada/notes.git`;
const https = () => `https://ada:${token}@${git}/ada/notes.git`;

/** Does LDAP take this password? Asked with LDAP's own tool. */
async function binds(name: string, secret: string, unit = 'users'): Promise<boolean> {
  const whoami = [
    'ldapwhoami',
    '-x',
    '-H',
    'ldaps://127.0.0.1:636',
    '-D',
    `uid=${name},ou=${unit},dc=haven`,
    '-y',
    '/dev/stdin',
  ];
  const container = ['docker', 'exec', '-i', '-e', 'LDAPTLS_REQCERT=never', 'haven-ldap-slapd-1'];
  return (await tryOnMachine(machine, [...container, ...whoami], { input: secret })).code === 0;
}

test('a user who was added chooses a password and a passkey on a phone, and is in Gitea with one tap', async () => {
  const link = await add('ada');
  await page.goto(link);
  await page.click('a:has-text("Click here to proceed")');
  for (const [bad, why] of [
    ['short', /minimum length 12/],
    ['1q2w3e4r5t6y', /blacklisted/i],
  ] as const) {
    await page.fill('#password-new', bad);
    await page.fill('#password-confirm', bad);
    await page.click('[type=submit]');
    await page.getByText(why).first().waitFor();
  }
  await acceptInvitation(page, link, password);
  assert.match(await page.title(), /users\.test/, 'the login has the name of this cloud');
  assert.ok(await binds('ada', password), 'LDAP has the password');
  await page.goto(link);
  assert.match(
    await page.innerText('body'),
    /no longer valid|expired|already/i,
    'the link was good for once',
  );

  await page.goto(`https://${login}/realms/haven/account/account-security/signing-in`);
  await logIn(page, 'ada', password);
  // On a phone the console has this in a menu.
  await page.locator('button.pf-v5-u-display-none-on-lg').last().click();
  await page.click('[role=menuitem]:has-text("Set up Passkey")');
  page.on('dialog', (dialog) => dialog.accept('phone'));
  await page.waitForSelector('#registerWebAuthn');
  // The button is there before the script that answers to it.
  await waitUntil(
    'the passkey to be taken',
    async () => {
      await page.waitForLoadState();
      if (page.url().includes('/account-security/signing-in')) return true;
      await page.click('#registerWebAuthn', { timeout: 3000 });
      await page.waitForURL(/account-security.signing-in/, { timeout: 5000 });
      return true;
    },
    { timeoutMs: 40_000 },
  );
  assert.ok((await credentialsOf(machine, 'ada')).includes('webauthn-passwordless'));

  await page.goto(`https://${git}/user/login`);
  await page.click('text=Sign in with haven');
  await page.waitForURL(`https://${git}/`);
  assert.match((await page.title()) ?? '', /ada Test - Dashboard/);
});

test('a passkey alone is enough to come in', async () => {
  await phone.clearCookies();
  try {
    await openGitea(page);
    // The browser may offer it as soon as the login comes up (conditional mediation); else there is a button.
    const isIn = () => page.url() === `https://${git}/`;
    const button = page.locator('#authenticateWebAuthnButton');
    let pressAfter = Date.now() + 4000;
    await waitUntil(
      'the passkey to let her in',
      async () => {
        if (isIn()) return true;
        if (Date.now() < pressAfter || !(await button.isVisible())) return false;
        pressAfter = Date.now() + 6000;
        await page.waitForLoadState();
        // The page may be on its way out at this very moment: then this fails, and is asked again.
        if (await button.isVisible()) await button.click({ timeout: 2000 });
        return isIn();
      },
      { timeoutMs: 30_000, everyMs: 200 },
    );
  } finally {
    // From here on it stays in its pocket: what follows is about passwords.
    await devtools.send('WebAuthn.disable');
  }
});

test('git push goes over SSH with a key and over HTTPS with an app password', async () => {
  await makeRepository(page, git, 'ada', 'notes');
  await enterKey(page, git, readFileSync(client.publicKeyFile, 'utf8'));
  const make = ['gitea', 'admin', 'user', 'generate-access-token', '-u', 'ada', '--scopes', 'all', '--raw'];
  token = (await owner.must(['exec', 'gitea', '--', ...make])).stdout.trim();

  await client.must(['init', '-q', '-b', 'main', 'notes']);
  await client.commit('notes', 'one', '1');
  await client.must(['push', '-q', https(), 'main'], { folder: 'notes' });
  await client.commit('notes', 'two', '2');
  await client.must(['push', '-q', ssh, 'main'], { folder: 'notes' });
  assert.equal(await api('/user'), '200');
});

test('who is in the group administers Gitea, and no longer after leaving it', async () => {
  const level = async () => {
    await phone.clearCookies();
    await openGitea(page);
    await logIn(page, 'ada', password);
    await page.waitForURL(`https://${git}/`);
    return (await page.goto(`https://${git}/-/admin`))?.status();
  };
  assert.equal(await level(), 403);
  await owner.must(['user', 'groups', 'ada', '--join', 'admins']);
  assert.equal(await level(), 200);
  await owner.must(['user', 'groups', 'ada', '--leave', 'admins']);
  assert.equal(await level(), 403);
});

/** What somebody outside gets for a request, as `%{http_code}` or another of curl's words. */
const answerTo = async (url: string, more: string[] = [], words = '%{http_code}'): Promise<string> => {
  const { hostname } = new URL(url);
  const quiet = ['curl', '-s', '-o', '/dev/null', '-w', words, '--cacert', '/roots.pem'];
  return (await fromOutside([...quiet, '--resolve', `${hostname}:443:${ipv4}`, ...more, url])).stdout;
};

test('the same login opens the vault; its sign-up and its page for administrators are closed', async () => {
  await page.goto(`https://${vault}/`);
  assert.match(await page.innerText('h1'), /Stub for Vaultwarden/, 'it says what it is');
  await page.click('a:has-text("Log in")');
  await page.waitForURL(`https://${vault}/vault`);
  assert.match(await page.innerText('main'), /ada Test \(ada@users\.test\)/);
  assert.equal(await answerTo(`https://${vault}/admin`), '404');
  const json = ['-H', 'content-type: application/json', '-d', '{"email":"eve@users.test","name":"Eve"}'];
  const signUp = `https://${vault}/identity/accounts/register/send-verification-email`;
  assert.equal(await answerTo(signUp, json), '400');
  assert.equal(await answerTo(`https://${vault}/api/accounts/profile`), '401');
});

test('a login leads back to addresses of this cloud alone', async () => {
  const ask = (back: string) =>
    `https://${login}/realms/haven/protocol/openid-connect/auth?client_id=gitea&response_type=code&scope=openid&redirect_uri=${encodeURIComponent(back)}`;
  assert.equal(await answerTo(ask(`https://${git}/user/oauth2/haven/callback`)), '200');
  for (const back of [
    'https://evil.example/user/oauth2/haven/callback',
    `https://${git}.evil.example/user/oauth2/haven/callback`,
    `https://${git}/user/oauth2/haven/callback/../../../anything`,
    `http://${git}/user/oauth2/haven/callback`,
  ])
    assert.equal(await answerTo(ask(back)), '400', back);
});

test('a website that its owner closed is shown to who is logged in, and may be for administrators alone', async () => {
  const stranger = [
    'curl',
    '-s',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code} %{redirect_url}',
    '--cacert',
    '/roots.pem',
  ];
  const claims = ['-H', 'X-Auth-Request-User: ada', '-H', 'X-Auth-Request-Groups: admins'];
  const asked = await fromOutside([
    ...stranger,
    ...claims,
    '--resolve',
    `${www}:443:${ipv4}`,
    `https://${www}/page?a=b`,
  ]);
  assert.match(asked.stdout, new RegExp(`^302 https://${www}/oauth2/start\\?rd=/page`));
  await phone.clearCookies();
  await page.goto(`https://${www}/`);
  await logIn(page, 'ada', password);
  await page.waitForURL(`https://${www}/`);
  assert.equal(await page.textContent('h1'), 'It works');
  const elsewhere = await page.goto(`https://${www}/oauth2/start?rd=https://evil.example/`);
  assert.doesNotMatch(page.url(), /evil/, 'nobody is led elsewhere');
  assert.ok(elsewhere);

  owner.edit('access: users', 'access: admins');
  await owner.must(['up', '--yes']);
  assert.equal((await page.goto(`https://${www}/`))?.status(), 403);
  assert.match(await page.innerText('body'), /this page is not for you/);
  owner.edit('access: admins', 'access: users');
  await owner.must(['up', '--yes']);
  assert.equal((await page.goto(`https://${www}/`))?.status(), 200);
});

test("the portal: what a user has, in their language, on a phone, for everybody's eyes and ears", async () => {
  await phone.clearCookies();
  await page.goto(`https://${me}/help`);
  assert.match(await page.innerText('main'), /Ask Ada for a new invitation/, 'help is there without a login');
  assert.deepEqual(await barriers(page), []);
  await page.goto(`https://${me}/`);
  assert.deepEqual(await barriers(page), [], 'the login, too');
  await logIn(page, 'ada', password);
  await page.waitForURL(`https://${me}/`);
  assert.match(await page.innerText('h1'), /Hello, ada/);
  assert.deepEqual(await barriers(page), []);
  assert.equal(await page.getAttribute('a:has-text("Gitea")', 'href'), `https://${git}/`);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `nothing stands beyond the edge of a phone (${width})`);
  assert.equal((await page.goto(`https://${me}/status`))?.status(), 403, 'a plain user');
  await page.goto(`https://${me}/app-passwords`);
  assert.equal(await page.getAttribute('main a', 'href'), `https://${git}/user/settings/applications`);
  assert.match(await page.innerText('main'), /For Calendar/);
  const german = await fromOutside([
    ...['curl', '-s', '-H', 'Accept-Language: de-AT, en;q=0.5', '--cacert', '/roots.pem'],
    ...['--resolve', `${me}:443:${ipv4}`, `https://${me}/help`],
  ]);
  assert.match(german.stdout, /<html lang="de">[\s\S]*Ich habe mein Passwort vergessen/);

  await page.goto(`https://${me}/`);
  await page.click('a:has-text("Log out")');
  await page.click('#kc-logout');
  await page.waitForURL(`https://${me}/help`);
  await page.goto(`https://${me}/`);
  assert.ok(await page.isVisible('#username'), 'logged out here and at the login');

  assert.ok(Number(await answerTo(`https://${me}/help`, [], '%{time_total}')) < 1);
});

test('the portal answers in less than 100 ms at the median', async () => {
  await page.goto(`https://${me}/`);
  await logIn(page, 'ada', password);
  await page.waitForURL(`https://${me}/`);
  const cookie = (await phone.cookies(`https://${me}/`))
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ');
  for (const path of ['/help', '/', '/app-passwords']) {
    const ask = `curl -s -o /dev/null -w '%{http_code} %{time_total}\\n' -H @- --resolve ${me}:443:127.0.0.1 https://${me}${path}`;
    const many = await onMachine(
      machine,
      ['sh', '-c', `read cookie; for n in $(seq 21); do echo "$cookie" | ${ask}; done`],
      {
        input: `Cookie: ${cookie}\n`,
      },
    );
    const answers = many.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    assert.ok(
      answers.every(([status]) => status === '200'),
      many.stdout,
    );
    const median = answers.map(([, seconds]) => Number(seconds)).sort()[10]!;
    console.log(`${path}: ${Math.round(median * 1000)} ms at the median`);
    assert.ok(median < 0.1, many.stdout);
  }
});

test('with the login down who is in stays in, the check is red, and the owner gets to the server', async () => {
  await openGitea(page);
  await page.waitForURL(`https://${git}/`);
  await page.goto(`https://${vault}/log-in`);
  await page.waitForURL(`https://${vault}/vault`);
  await onMachine(machine, ['docker', 'stop', '-t', '5', 'haven-keycloak-keycloak-1']);
  try {
    assert.equal((await page.goto(`https://${git}/user/settings`))?.status(), 200);
    await page.goto(`https://${vault}/vault`);
    assert.match(await page.innerText('main'), /You are logged in as ada/);
    assert.equal(await api('/user'), '200');
    await client.must(['ls-remote', ssh]);
    const red = await owner.haven(['status']);
    assert.equal(red.code, 1);
    assert.match(red.stdout, /✖ keycloak .* answers 502/);
    await owner.must(['ssh', 'true']);
  } finally {
    await onMachine(machine, ['docker', 'start', 'haven-keycloak-keycloak-1']);
  }
  await waitUntil('the login to be back', async () => (await owner.haven(['status'])).code === 0, {
    timeoutMs: 90_000,
  });
});

/** A calendar program, that knows a name and a password and nothing else (RFC 4791, RFC 4918 §9.1). */
const atCalendar = (secret: string, name = 'ada'): Promise<string> =>
  answerTo(`https://${calendar}/${name}/`, ['-X', 'PROPFIND', '-H', 'Depth: 0', '-u', `${name}:${secret}`]);

test('an app password of her own lets a program in that knows no login, and her real one does not', async () => {
  await phone.clearCookies();
  await page.goto(`https://${me}/`);
  await logIn(page, 'ada', password);
  await page.waitForURL(`https://${me}/`);
  await page.goto(`https://${me}/app-passwords`);
  for (const label of ['Phone', 'Old tablet']) {
    await page.fill('#label', label);
    await page.click('button:has-text("Make one")');
    appPassword ||= await page.innerText('code');
  }
  assert.match(appPassword, /^([a-z2-9]{4}-){5}[a-z2-9]{4}$/);
  assert.deepEqual(await barriers(page), []);
  const old = await page.innerText('code');
  assert.equal(await atCalendar(appPassword), '207');
  assert.equal(await atCalendar(old), '207');
  assert.equal(await atCalendar(password), '401', 'a second factor can not be got round');
  await page.goto(`https://${me}/app-passwords`);
  assert.ok(!(await page.content()).includes(old), 'it is shown once');
  await page.click('button[aria-label="Take back the one for Old tablet"]');
  await page.waitForURL(`https://${me}/app-passwords`);
  assert.equal(await atCalendar(old), '401');
  assert.equal(await atCalendar(appPassword), '207');
  const forged = ['-X', 'POST', '-H', 'Origin: https://evil.example', '-d', 'label=x'];
  assert.notEqual(await answerTo(`https://${me}/app-passwords`, forged), '200');
});

test('an account that is no user has its own password, sees nobody, and is nobody at the login', async () => {
  const secret = 'the-printer-in-the-hall-3';
  const dn = 'uid=printer,ou=devices,dc=haven';
  const entry = ['objectClass: havenDevice', 'uid: printer', 'havenPurpose: sends what it scans'];
  const made = `dn: ${dn}\nchangetype: add\n${entry.join('\n')}\nuserPassword: ${secret}\n`;
  await modifyLdap(machine, made);
  assert.ok(await binds('printer', secret, 'devices'));
  assert.ok(!(await binds('printer', 'something else', 'devices')));
  const tool = ['docker', 'exec', '-i', '-e', 'LDAPTLS_REQCERT=never', 'haven-ldap-slapd-1', 'ldapsearch'];
  const asRoot = ['-LLL', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///', '-b', dn, 'userPassword'];
  const kept = (await onMachine(machine, [...tool, ...asRoot])).stdout;
  const hash = /userPassword:: (\S+)/.exec(kept.replaceAll('\n ', ''))?.[1] ?? '';
  assert.match(Buffer.from(hash, 'base64').toString(), /^\{ARGON2\}\$argon2id\$/);
  const asPrinter = ['-LLL', '-x', '-H', 'ldaps://127.0.0.1:636', '-D', dn, '-y', '/dev/stdin'];
  const looked = [...tool, ...asPrinter, '-b', 'dc=haven', '(objectClass=*)', 'dn'];
  const seen = await tryOnMachine(machine, looked, { input: secret });
  assert.ok(!seen.stdout.includes('ou=users'), seen.stdout);
  assert.ok(!(await users()).some((each) => each.name === 'printer'));
  await assert.rejects(loginUser(machine, 'printer'), /the login knows no printer/);
});

test('no neighbour in the cloud can tell the portal that it is somebody', async () => {
  const ask = (from: string, host: string) =>
    tryOnMachine(machine, [
      'docker',
      'exec',
      from,
      'curl',
      '-s',
      '-m',
      '5',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '-H',
      'X-Auth-Request-Preferred-Username: ada',
      `http://${host}:8080/app-passwords`,
    ]);
  assert.equal((await ask('haven-keycloak-keycloak-1', 'portal')).stdout, '403');
});

/** What axe finds against WCAG 2.1 A and AA, in words. */
async function barriers(on: Page): Promise<string[]> {
  await on.evaluate(axeSource);
  return on.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; help: string }[] }> };
    };
    const found = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
    return found.violations.map(({ id, help }) => `${id}: ${help}`);
  });
}

/** Pages that are open to her by a login of before. */
async function openPages(): Promise<string[]> {
  const open: string[] = [];
  await page.goto(`https://${www}/`);
  if ((await page.innerText('h1')) === 'It works') open.push('the closed website');
  const tab = await page.goto(`https://${git}/user/settings`);
  if (tab?.status() === 200 && (await page.$('a[href="/user/settings/account"]')))
    open.push('pages of Gitea');
  await page.goto(`https://${vault}/vault`);
  if (new URL(page.url()).pathname === '/vault') open.push('the vault');
  return open;
}

/** Through what somebody who is switched off still comes in. */
async function waysIn(): Promise<string[]> {
  const open = await openPages();
  const refused = await Promise.all([
    client.git(['ls-remote', ssh]),
    client.git(['ls-remote', https()]),
    client.git(['push', '-q', ssh, 'main:refs/heads/again'], { folder: 'notes' }),
  ]);
  refused.forEach((each, n) => {
    if (each.code === 0) open.push(['reading over SSH', 'reading over HTTPS', 'pushing over SSH'][n]!);
  });
  if ((await api('/user')) === '200') open.push('a token');
  if (await binds('ada', password)) open.push('LDAP');
  if ((await atCalendar(appPassword)) === '207') open.push('a program with an app password');
  return open;
}
/** All of it ends within a minute. */
async function mustEnd(): Promise<void> {
  const began = Date.now();
  let open: string[] = [];
  do open = await waysIn();
  while (open.length > 0 && Date.now() < began + 60_000);
  assert.deepEqual(open, [], 'still open after a minute');
  console.log(`out after ${Math.round((Date.now() - began) / 1000)} s`);
}
async function isBackIn(): Promise<boolean> {
  if ((await atCalendar(appPassword)) !== '207') return false;
  const refs = await Promise.all([client.git(['ls-remote', ssh]), client.git(['ls-remote', https()])]);
  const { enabled } = await loginUser(machine, 'ada');
  return (
    enabled &&
    refs.every((each) => each.code === 0) &&
    (await api('/user')) === '200' &&
    (await binds('ada', password))
  );
}

const modifyEntry = (change: string) =>
  modifyLdap(machine, `dn: uid=ada,ou=users,dc=haven\nchangetype: modify\n${change}\n`);

const sides: Record<string, { off: () => Promise<unknown>; on: () => Promise<unknown> }> = {
  'by a command': {
    off: () => owner.must(['user', 'disable', 'ada']),
    on: () => owner.must(['user', 'enable', 'ada']),
  },
  'at the login': {
    off: async () => switchAtLogin(false),
    on: async () => switchAtLogin(true),
  },
  'in LDAP': {
    off: () => modifyEntry('add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z'),
    on: () => modifyEntry('delete: pwdAccountLockedTime'),
  },
};
async function switchAtLogin(enabled: boolean): Promise<void> {
  const user = await loginUser(machine, 'ada');
  await askLogin(machine, 'PUT', `users/${user.id}`, { ...user, enabled });
}

for (const [side, { off, on }] of Object.entries(sides)) {
  test(`switched off ${side}: within a minute tab, pushes, tokens and LDAP end; switched on, all is back`, async () => {
    await phone.clearCookies();
    await openGitea(page);
    await logIn(page, 'ada', password);
    await page.waitForURL(`https://${git}/`);
    await page.goto(`https://${www}/`);
    assert.equal(await page.innerText('h1'), 'It works');
    await page.goto(`https://${vault}/log-in`);
    await page.waitForURL(`https://${vault}/vault`);
    await off();
    await mustEnd();
    await on();
    await waitUntil('everything to be back', isBackIn, { timeoutMs: 60_000, everyMs: 500 });
    assert.deepEqual(await openPages(), [], 'who has a page of before logs in anew');
    assert.ok(
      (await credentialsOf(machine, 'ada')).includes('webauthn-passwordless'),
      'the passkey is still there',
    );
  });
}

test('a login that somebody broke at its own console is found by the check, and named', async () => {
  const [client_] = (await askLogin(machine, 'GET', 'clients?clientId=gitea')) as { id: string }[];
  const good = await owner.must(['status', '--logins']);
  for (const service of ['gitea', 'vaultwarden'])
    assert.match(good.stdout, new RegExp(`✔ ${service} +users, and nobody else, can log in`));
  await askLogin(machine, 'PUT', `clients/${client_!.id}`, { ...client_, enabled: false });
  const broken = await owner.haven(['status', '--logins']);
  assert.equal(broken.code, 1);
  assert.match(broken.stdout, /✖ gitea +The login of gitea was tried and failed: /);
  assert.match(broken.stdout, /✔ vaultwarden +users/);
  await askLogin(machine, 'PUT', `clients/${client_!.id}`, { ...client_, enabled: true });
  await owner.must(['status', '--logins']);
});

test('with LDAP stopped, its password wrong, or empty of somebody, nobody loses anything', async () => {
  await owner.must(['user', 'groups', 'ada', '--join', 'admins']);
  const had = await credentialsOf(machine, 'ada');
  const { id } = await loginUser(machine, 'ada');
  await owner.must(['stop', 'ldap']);
  await phone.clearCookies();
  await openGitea(page);
  await logIn(page, 'ada', password);
  assert.doesNotMatch(page.url(), new RegExp(`^https://${git}/`), 'nobody can log in with a password');
  const { oneTimePassword, address, name } = JSON.parse(
    (await owner.must(['user', 'rescue', '--json'])).stdout,
  ) as { oneTimePassword: string; address: string; name: string };
  const rescuer = await openBrowser([login]);
  try {
    const console_ = await rescuer.newPage();
    await console_.goto(address);
    await logIn(console_, name, oneTimePassword);
    await choosePassword(console_, password);
    await console_.waitForSelector('text=Realm settings');
  } finally {
    await rescuer.close();
  }
  await owner.must(['start', 'ldap']);

  const account = 'cn=keycloak,ou=federation,ou=services,dc=haven';
  await modifyLdap(
    machine,
    `dn: ${account}\nchangetype: modify\nreplace: userPassword\nuserPassword: another\n`,
  );
  await owner.must(['restart', 'keycloak']);
  await openGitea(page);
  await logIn(page, 'ada', password);
  assert.doesNotMatch(page.url(), new RegExp(`^https://${git}/`));
  // Any change of the login puts its account at LDAP in order again.
  owner.edit('gitea: {}', 'gitea: {}\n  keycloak:\n    options:\n      name: Our users');
  await owner.must(['up', '--yes']);

  await phone.clearCookies();
  await openGitea(page);
  assert.match(await page.title(), /Our users/);
  await logIn(page, 'ada', password);
  await page.waitForURL(`https://${git}/`);
  assert.equal((await loginUser(machine, 'ada')).id, id, 'it is the same account at the login');
  assert.deepEqual(await credentialsOf(machine, 'ada'), had, 'with its second factor');
  assert.equal((await page.goto(`https://${git}/-/admin`))?.status(), 200, 'and its role');
});

test('with LDAP as it was yesterday, nobody is removed and nothing of anybody is lost', async () => {
  const files = '/srv/haven/services/ldap/data';
  const swap = async (script: string) => {
    await owner.must(['stop', 'ldap']);
    await onMachine(machine, ['sh', '-ec', script]);
    await owner.must(['start', 'ldap']);
  };
  await swap(`rm -rf /srv/haven/yesterday; cp -a ${files} /srv/haven/yesterday`);
  await add('eve');
  const had = await credentialsOf(machine, 'ada');
  const { id } = await loginUser(machine, 'ada');
  const { id: eve } = await loginUser(machine, 'eve');
  await owner.must(['user', 'groups', 'eve', '--join', 'board']);

  await swap(`cp -a ${files} /srv/haven/today; rm -rf ${files}/*; cp -a /srv/haven/yesterday/. ${files}/`);
  assert.deepEqual(
    (await users()).map((each) => each.name),
    ['ada'],
    'it is yesterday there',
  );
  await sleep(25_000); // Long enough for what carries over changes to run twice.
  await phone.clearCookies();
  await openGitea(page);
  await logIn(page, 'ada', password);
  await page.waitForURL(`https://${git}/`);
  assert.equal((await page.goto(`https://${git}/-/admin`))?.status(), 200, 'her role is still there');
  assert.deepEqual(await credentialsOf(machine, 'ada'), had, 'and her second factor');
  assert.equal((await loginUser(machine, 'ada')).id, id);

  await swap(
    `rm -rf ${files}/*; cp -a /srv/haven/today/. ${files}/; rm -rf /srv/haven/today /srv/haven/yesterday`,
  );
  assert.equal((await loginUser(machine, 'eve')).id, eve, 'whom it did not know is who she was');
  assert.deepEqual((await users()).find(({ name }) => name === 'eve')?.groups, ['board']);
  await owner.must(['user', 'remove', 'eve', '--confirm', 'eve']);
});

test('another name, and the same user: second factor, groups, keys and what they made', async () => {
  const had = await credentialsOf(machine, 'ada');
  const { id } = await loginUser(machine, 'ada');
  const taken = await owner.haven(['user', 'rename', 'ada', 'root']);
  assert.match(taken.stderr, /"root" is reserved/);
  await owner.must(['user', 'rename', 'ada', 'countess']);
  assert.deepEqual(
    (await users()).map(({ name, email, groups }) => [name, email, groups]),
    [['countess', 'countess@users.test', ['admins']]],
  );
  assert.equal((await loginUser(machine, 'countess')).id, id, 'the same account at the login');
  assert.deepEqual(await credentialsOf(machine, 'countess'), had);
  await phone.clearCookies();
  await openGitea(page);
  await logIn(page, 'ada', password);
  assert.ok(await page.isVisible('#username'), 'the old name is nobody');
  await logIn(page, 'countess', password);
  await page.waitForURL(`https://${git}/`);
  assert.equal((await page.goto(`https://${git}/countess/notes`))?.status(), 200);
  await page.goto(`https://${vault}/log-in`);
  await page.waitForURL(`https://${vault}/vault`);
  assert.match(
    await page.innerText('main'),
    /ada Test/,
    'the vault is the same, under the address it was made with',
  );
  await client.must(['ls-remote', ssh]);
  assert.equal(await atCalendar(appPassword, 'countess'), '207', 'her programs go on under the new name');

  await owner.must(['user', 'disable', 'countess']);
  await mustEnd();
  await owner.must(['user', 'enable', 'countess']);
  await owner.must(['user', 'rename', 'countess', 'ada']);
  assert.equal((await users())[0]?.email, 'ada@users.test');
  await waitUntil('everything to be back', isBackIn, { timeoutMs: 60_000, everyMs: 500 });
});

test('a table of users is looked at first, and everything wrong with it is said with its line', async () => {
  const file = join(owner.directory, 'users.csv');
  writeFileSync(
    file,
    'name,givenName,surname,groups\nroot,R,Oot,\nada,Ada,Again,\nBob Smith,Bob,Smith,\ncleo,,Patra,\ndora,Dora,D,board\ndora,Dora,D,\n',
  );
  const wrong = await owner.haven(['user', 'add', '--csv', file, '--yes']);
  assert.equal(wrong.code, 1);
  for (const line of [
    /:2: name "root" is reserved/,
    /:3: "ada" is taken/,
    /:4: name "Bob Smith" must be/,
    /:5: givenName/,
    /:7: "dora" stands in line 6/,
  ])
    assert.match(wrong.stderr, line);
  assert.deepEqual(
    (await users()).map((each) => each.name),
    ['ada'],
    'nobody was made',
  );

  writeFileSync(
    file,
    `name;givenName;surname;groups\n${Array.from({ length: 30 }, (_, n) => `user${n};Per;Son;board`).join('\n')}\n`,
  );
  assert.match((await owner.must(['user', 'add', '--csv', file])).stdout, /30 users would be added/);
  assert.equal((await users()).length, 1);
  await owner.must(['user', 'add', '--csv', file, '--yes']);
  assert.equal((await users()).length, 31);
  assert.match(
    (await owner.must(['user', 'list', '--csv'])).stdout,
    /^user7,Per,Son,board,user7@users\.test,on$/m,
  );
});

test('every published port leads through the bridge of its own service, which is what a trial closes', async () => {
  const published = await onMachine(machine, ['iptables', '-t', 'nat', '-S', 'DOCKER']);
  const targets = [...published.stdout.matchAll(/--to-destination ([\d.]+):(\d+)/g)];
  assert.ok(targets.length >= 8, published.stdout);
  for (const [, address] of targets) {
    const route = await onMachine(machine, ['ip', 'route', 'get', address!]);
    assert.match(route.stdout, / dev hv-[0-9a-f]{10} /);
  }
});

test('with an account that sends, a way in goes out by mail; without it, or when it fails, the link is printed', async () => {
  const typed = ['user', 'invite', 'user1', '--send-to', 'user1@elsewhere.test'];
  const none = await owner.haven(typed);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /no account to send mail by/);
  assert.ok(!none.stdout.includes('action-token'), 'nothing was done');

  const secret = 'Right-password-of-the-account-9';
  const account = await MailAccount.open('elsewhere.test', secret);
  try {
    const from = 'cloud@elsewhere.test';
    owner.edit(
      'services:\n',
      `sending:\n  host: ${account.host}\n  user: ${from}\n  from: ${from}\nservices:\n`,
    );
    const missing = await owner.haven(['plan']);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /sending-password: is missing[\s\S]*haven secret set sending-password/);

    assert.equal(
      (await owner.haven(['secret', 'set', 'sending-password'], { input: 'Not-the-password-3' })).code,
      0,
    );
    assert.match(
      (await owner.must(['up', '--yes'])).stdout,
      /No mail goes out: smtp\.elsewhere\.test:587[\s\S]*535/,
    );
    assert.equal((await owner.haven(['status'])).code, 1, 'the check is red');
    const unsent = await owner.must(typed);
    assert.match(unsent.stdout, /did not go out[\s\S]*535[\s\S]*action-token/);
    assert.ok(!(unsent.stdout + unsent.stderr).includes('Not-the-password-3'));

    assert.equal((await owner.haven(['secret', 'set', 'sending-password'], { input: secret })).code, 0);
    const up = await owner.must(['up', '--yes']);
    assert.match(up.stdout, /Mail: smtp\.elsewhere\.test:587 takes letters/);
    assert.ok(!(up.stdout + up.stderr).includes(secret));
    assert.equal((await owner.plan()).lines.length, 0);

    const sent = await owner.must(typed);
    assert.match(sent.stdout, /This link has gone to user1@elsewhere\.test/);
    const [letter] = account.letters;
    assert.deepEqual(letter?.to, ['user1@elsewhere.test']);
    const link = linkIn(letter?.raw ?? '');
    assert.ok(link && sent.stdout.includes(link));
    assert.match(letter?.raw ?? '', /^Auto-Submitted: auto-generated$/im);

    // The login's own letters go the same way, with the same account.
    const { id } = await loginUser(machine, 'user1');
    await askLogin(machine, 'PUT', `users/${id}/send-verify-email`);
    assert.deepEqual(account.letters[1]?.to, ['user1@users.test']);

    const table = join(owner.directory, 'more.csv');
    writeFileSync(table, 'name,givenName,surname,sendTo\ngrace,Grace,Hopper,grace@elsewhere.test\n');
    const added = await owner.must(['user', 'add', '--csv', table, '--yes']);
    assert.match(added.stdout, /1 user is in\.\s+The way in of grace has gone to grace@elsewhere\.test/);
    assert.deepEqual(account.letters[2]?.to, ['grace@elsewhere.test']);

    await account.close();
    assert.match((await owner.must(typed)).stdout, /did not go out[\s\S]*action-token/);
    assert.match((await owner.haven(['status'])).stdout, /✖ sending/);
    await account.listen();
    const well = await owner.haven(['status']);
    assert.equal(well.code, 0, well.stdout);
  } finally {
    await account.close();
  }
});

test('a second factor is asked for, a recovery code stands in for it, and who lost them is helped', async () => {
  const link = await add('cleo');
  const desk = await openBrowser([git, login, www, vault]);
  try {
    const tab = await desk.newPage();
    await acceptInvitation(tab, link, password);
    const signingIn = `https://${login}/realms/haven/account/account-security/signing-in`;
    await tab.goto(signingIn);
    const asked = tab.waitForRequest((each) => /^Bearer /.test(each.headers().authorization ?? ''));
    await logIn(tab, 'cleo', password);
    const [head = ''] = (await asked).headers().authorization!.slice('Bearer '.length).split('.');
    const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string };
    assert.equal(alg, 'ES256', 'how tokens are signed (RFC 7518 §3.4)');
    await tab.click('button:has-text("Set up Authenticator application")');
    const app = await setUpAuthenticator(tab);
    await tab.waitForURL(/signing-in/);
    await tab.click('button:has-text("Set up Recovery authentication codes")');
    const codes = await setUpRecoveryCodes(tab);
    await tab.waitForURL(/signing-in/);

    await desk.clearCookies();
    await openGitea(tab);
    await logIn(tab, 'cleo', password);
    await enterCode(tab, String((Number(app.generate()) + 1) % 1_000_000).padStart(6, '0'));
    await tab.waitForSelector('text=Invalid authenticator code');
    // One that was used is not taken twice (RFC 6238 §5.2), so the next one.
    await enterCode(tab, app.generate({ timestamp: Date.now() + 30_000 }));
    await tab.waitForURL(`https://${git}/`);

    await desk.clearCookies();
    await openGitea(tab);
    await logIn(tab, 'cleo', password);
    await enterRecoveryCode(tab, codes[0]!);
    await tab.waitForURL(`https://${git}/`);

    // The phone is gone, and whoever has it is still logged in to Gitea.
    const again = JSON.parse(
      (await owner.must(['user', 'invite', 'cleo', '--lost-second-factor', '--json'])).stdout,
    ) as { link: string };
    assert.deepEqual(await credentialsOf(machine, 'cleo'), ['password']);
    await tab.goto(`https://${git}/user/settings`);
    assert.equal(new URL(tab.url()).pathname, '/user/login', 'logged out of Gitea');
    await openGitea(tab);
    assert.ok(await tab.isVisible('#username'), 'and at the login');
    await logIn(tab, 'cleo', password);
    await tab.waitForSelector('text=Invalid username or password');
    await desk.clearCookies();
    await acceptInvitation(tab, again.link, 'Another-horse-battery-8');
    await openGitea(tab);
    await logIn(tab, 'cleo', 'Another-horse-battery-8');
    await tab.waitForURL(`https://${git}/`);

    // Where no link can be sent: a password that is said on the phone, good for one login.
    const told = (await owner.must(['user', 'set-password', 'cleo'])).stdout;
    const once = /Password +(\S+)/.exec(told)?.[1] ?? '';
    assert.match(once, /^([a-z2-9]{4}-){3}[a-z2-9]{4}$/);
    assert.match(
      (await owner.must(['user', 'show', 'cleo'])).stdout,
      /Logs in as +cleo[\s\S]*May log in +yes/,
    );
    await desk.clearCookies();
    await openGitea(tab);
    await logIn(tab, 'cleo', 'Another-horse-battery-8');
    await tab.waitForSelector('text=Invalid username or password');
    await logIn(tab, 'cleo', once);
    await choosePassword(tab, password);
    await tab.waitForURL(`https://${git}/`);
    assert.ok(await binds('cleo', password));
    assert.ok(!(await binds('cleo', once)), 'it was good for once');
  } finally {
    await desk.close();
  }
});

test('a user is removed for good, and what they made goes to whom it was given', async () => {
  const unsure = await owner.haven(['user', 'remove', 'ada']);
  assert.equal(unsure.code, 1);
  assert.match(unsure.stderr, /Nothing was changed/);
  const successor = await invite('user1');
  const other = await openBrowser([git, login]);
  try {
    const tab = await other.newPage();
    await acceptInvitation(tab, successor, password);
    await openGitea(tab);
    await logIn(tab, 'user1', password);
    await tab.waitForURL(`https://${git}/`);
    await owner.must(['user', 'remove', 'ada', '--transfer-to', 'user1', '--confirm', 'ada']);
    assert.equal((await tab.goto(`https://${git}/user1/notes`))?.status(), 200);
    assert.ok(!(await users()).some((each) => each.name === 'ada'));
    assert.equal((await client.git(['ls-remote', ssh])).code, 128);
  } finally {
    await other.close();
  }
});
