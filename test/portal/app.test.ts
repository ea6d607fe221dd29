import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApp } from '../../images/portal/src/app.ts';
import type { Cloud } from '../../images/portal/src/cloud.ts';
import { languageFor } from '../../images/portal/src/texts.ts';

const cloud: Cloud = {
  name: 'example.org',
  owner: 'Ada <admin>',
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
const app = createApp(cloud, () => ({
  at: '2026-01-02T03:04:05Z',
  logout: '/oauth2/sign_out?rd=x',
  titles: { gitea: 'Gitea' },
  services: [{ id: 'gitea', state: 'down' }],
}));
const ask = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await app.request(path, { headers });
  return {
    status: answer.status,
    text: await answer.text(),
    policy: answer.headers.get('content-security-policy'),
  };
};

test('a person sees their services in their own language, and nothing of a name is markup', async () => {
  const english = await ask('/', { 'x-auth-request-preferred-username': '<b>ada</b>' });
  assert.match(english.text, /Hello, &lt;b&gt;ada/);
  assert.match(english.text, /href="https:\/\/git\.example\.org\/"><b>Gitea<\/b>Code/);
  assert.match(
    (await ask('/', { 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' })).text,
    /lang="de"[\s\S]*Quelltext/,
  );
  assert.match(english.policy ?? '', /default-src 'none'/);
});

test('the status is for administrators', async () => {
  assert.equal((await ask('/status', { 'x-auth-request-groups': 'board' })).status, 403);
  const shown = await ask('/status', { 'x-auth-request-groups': 'board, admins' });
  assert.equal(shown.status, 200);
  assert.match(shown.text, /Gitea<\/th><td class="down">is not well/);
  assert.doesNotMatch((await ask('/', { 'x-auth-request-groups': 'board' })).text, /\/status/);
});

test('help is there for who cannot log in, and names whom to ask', async () => {
  const help = await ask('/help');
  assert.match(help.text, /Ask Ada &lt;admin&gt; for a new invitation/);
  assert.doesNotMatch(help.text, /sign_out/);
});

test('the language is the best of ours that a browser asks for', () => {
  assert.equal(languageFor(undefined), 'en');
  assert.equal(languageFor('fr, de;q=0.3, en;q=0.1'), 'de');
  assert.equal(languageFor('en;q=0.2, de;q=0'), 'en');
});
