import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApp } from '../../images/portal/src/app.ts';
import type { AppPassword } from '../../images/portal/src/app-passwords.ts';
import type { Cloud, Status } from '../../images/portal/src/cloud.ts';
import { reverseProxyOnly } from '../../images/portal/src/reverse-proxy-only.ts';
import { languageFor } from '../../images/portal/src/texts.ts';

const cloud: Cloud = {
  name: 'example.org',
  origin: 'https://me.example.org',
  owner: 'Ada <admin>',
  appPasswordsFor: ['Calendar'],
  account: 'https://login.example.org/realms/haven/account/',
  logout: '/oauth2/sign_out?rd=x',
  titles: { gitea: 'Gitea' },
  services: [
    {
      id: 'gitea',
      title: 'Gitea',
      summary: { en: 'Code', de: 'Quelltext' },
      url: 'https://git.example.org/',
    },
  ],
};
const status: Status = { at: '2026-01-02T03:04:05Z', services: [{ id: 'gitea', state: 'down' }] };
/** The part in LDAP is tested against a real one (test/e2e/journeys/app-passwords.ts). */
const kept: AppPassword[] = [];
const passwords = {
  list: async () => kept,
  add: async (_person: string, label: string) => {
    if (kept.length > 1) return undefined;
    kept.push({ id: String(kept.length), label, made: '2026-01-02T03:04:05Z' });
    return 'aaaa-bbbb';
  },
  remove: async (_person: string, id: string) => {
    kept.splice(
      kept.findIndex((each) => each.id === id),
      1,
    );
  },
};
const app = createApp(
  cloud,
  () => status,
  passwords,
  async (_context, next) => next(),
);
const ask = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await app.request(path, { headers });
  return {
    status: answer.status,
    text: await answer.text(),
    policy: answer.headers.get('content-security-policy'),
  };
};

test('shows a user their services in their own language, and escapes their name', async () => {
  const english = await ask('/', { 'x-auth-request-preferred-username': '<b>ada</b>' });
  assert.match(english.text, /Hello, &lt;b&gt;ada/);
  assert.match(english.text, /href="https:\/\/git\.example\.org\/"><b>Gitea<\/b>Code/);
  assert.match(
    (await ask('/', { 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' })).text,
    /lang="de"[\s\S]*Quelltext/,
  );
  assert.match(english.policy ?? '', /default-src 'none'/);
});

test('only administrators see the status, with its time zone and how to help a user', async () => {
  assert.equal((await ask('/status', { 'x-auth-request-groups': 'board' })).status, 403);
  const shown = await ask('/status', { 'x-auth-request-groups': 'board, admins' });
  assert.equal(shown.status, 200);
  assert.match(shown.text, /As of [^<]*UTC/);
  assert.match(shown.text, /haven user invite NAME/);
  assert.match(shown.text, /Gitea<\/th><td class="down">has a problem/);
  assert.doesNotMatch((await ask('/', { 'x-auth-request-groups': 'board' })).text, /\/status/);
});

test('help is public, names the person to ask, and shows no commands', async () => {
  const help = await ask('/help');
  assert.match(help.text, /Ask Ada &lt;admin&gt; for a new invitation/);
  assert.doesNotMatch(help.text, /sign_out|haven user/);
});

test('a user who has logged out can log in again', async () => {
  const page = await ask('/logged-out');
  assert.match(page.text, /You are logged out[\s\S]*<a href="\/">Log in again<\/a>/);
  assert.doesNotMatch(page.text, /sign_out/);
});

test('chooses the best of our languages for a browser', () => {
  assert.equal(languageFor(undefined), 'en');
  assert.equal(languageFor('fr, de;q=0.3, en;q=0.1'), 'de');
  assert.equal(languageFor('en;q=0.2, de;q=0'), 'en');
});

test('shows an app password once, lists it by its label, and revokes it', async () => {
  const send = (path: string, form: Record<string, string>, origin = cloud.origin) =>
    app.request(path, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { origin, 'x-auth-request-preferred-username': 'ada' },
    });
  const made = await send('/app-passwords', { label: 'Phone <b>' });
  const text = await made.text();
  assert.match(text, /aaaa-bbbb[\s\S]*user name is ada/);
  assert.match(text, /<th scope="row">Phone &lt;b&gt;<\/th>/);
  assert.doesNotMatch((await ask('/app-passwords')).text, /aaaa-bbbb/);
  assert.equal((await send('/app-passwords', { label: '  ' })).status, 400);
  assert.equal(
    (await send('/app-passwords', { label: 'x' }, 'https://evil.example')).status,
    403,
    'from elsewhere',
  );
  assert.equal(kept.length, 1);
  assert.equal((await send('/app-passwords/remove', { id: '0' })).status, 303);
  assert.equal(kept.length, 0);
});

test("accepts a user's name only from the gateway of its own network", () => {
  assert.throws(() => reverseProxyOnly('Iface\tDestination\tGateway\n'), /no default route/);
  assert.ok(reverseProxyOnly('eth0\t00000000\t010019AC\t0003\n'));
});

test("tells a user in their language when LDAP can't be reached", async () => {
  const away = async (): Promise<never> => {
    throw new Error('connect ECONNREFUSED');
  };
  const broken = createApp(
    cloud,
    () => status,
    { list: away, add: away, remove: away },
    async (_context, next) => next(),
  );
  const answer = await broken.request('/app-passwords', { headers: { 'accept-language': 'de' } });
  assert.equal(answer.status, 503);
  const text = await answer.text();
  assert.match(text, /Da ist etwas schiefgegangen[\s\S]*sag Ada &lt;admin&gt; Bescheid/);
  assert.doesNotMatch(text, /ECONNREFUSED/);
  assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/);
});

test('tells a user their addresses, the servers, and how to get there with a phone, where there is mail', async () => {
  assert.equal((await ask('/mail')).status, 404);
  assert.doesNotMatch((await ask('/')).text, /href="\/mail"/);
  const mail = { host: 'mail.example.org', domains: ['example.org', 'ada.example'] };
  const withMail = createApp(
    { ...cloud, mail },
    () => status,
    passwords,
    async (_context, next) => next(),
  );
  const headers = { 'x-auth-request-preferred-username': 'ada' };
  assert.match(await (await withMail.request('/', { headers })).text(), /href="\/mail"/);
  const text = await (await withMail.request('/mail', { headers })).text();
  for (const address of ['ada@example.org', 'ada@ada.example']) assert.ok(text.includes(address), address);
  assert.match(text, /IMAP\)<\/th><td><code>mail\.example\.org<\/code> port 993, SSL\/TLS/);
  assert.match(text, /SMTP\)<\/th><td><code>mail\.example\.org<\/code> port 465, SSL\/TLS/);
  assert.match(text, /<svg /);
  assert.doesNotMatch(text, /POP3/);
});

test('shows the server for POP3 while mail offers it', async () => {
  const mail = { host: 'mail.example.org', domains: ['example.org'], pop3: true };
  const withPop3 = createApp(
    { ...cloud, mail },
    () => status,
    passwords,
    async (_context, next) => next(),
  );
  const headers = { 'x-auth-request-preferred-username': 'ada' };
  const text = await (await withPop3.request('/mail', { headers })).text();
  assert.match(text, /POP3\)<\/th><td><code>mail\.example\.org<\/code> port 995, SSL\/TLS/);
});
