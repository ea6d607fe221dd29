import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { buildPlan } from '../../core/plan/plan.ts';
import type { ReleaseRoute } from '../../core/release/release.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { AuthProxy, cookiesOf } from '../support/auth-proxy.ts';
import { Caddy } from '../support/caddy.ts';
import { exampleCatalogue, exampleConfig, exampleImages } from '../support/example-plan.ts';
import { Keeper } from '../support/keeper.ts';

/**
 * Two protected services with the real oauth2-proxy beside each, as their releases start it, with its own client at a
 * login and its own secrets; before both the real Caddy. The website keeps what it gets of its visitors, and tries it
 * at the portal. What comes of that is judged by what the portal sees.
 */
const services = { website: { ...exampleConfig.services.website!, access: 'users' as const } };
const plan = buildPlan({ ...exampleConfig, services }, exampleCatalogue, {
  version: 2,
  images: exampleImages,
});
const bundleOf = (service: string) => plan.releases.find((each) => each.service === service)!.bundle;

let website: Keeper;
let portal: Keeper;
let atWebsite: AuthProxy;
let atPortal: AuthProxy;
let caddy: Caddy;

before(async () => {
  [website, portal] = await Promise.all([Keeper.open(), Keeper.open()]);
  atWebsite = await AuthProxy.start(bundleOf('website'), { refresh: '1s' });
  atPortal = await AuthProxy.start(bundleOf('portal'), { refresh: '1s' });
  const route = ({ host, port: authProxyPort }: AuthProxy, { port }: Keeper): ReleaseRoute => ({
    ...{ host, port },
    protected: { authProxyPort },
  });
  caddy = await Caddy.start([route(atWebsite, website), route(atPortal, portal)]);
});
after(() => {
  caddy?.stop();
  for (const each of [atWebsite, atPortal]) each?.stop();
  for (const each of [website, portal]) each?.close();
});
beforeEach(() => {
  website.seen = [];
  portal.seen = [];
});

const statusAt = async ({ host }: AuthProxy, headers: Record<string, string>): Promise<number> =>
  (await caddy.ask(host, headers)).statusCode!;

test('a user who logs in at a protected page sees it, and it learns their name', async () => {
  assert.equal(await statusAt(atPortal, { cookie: await atPortal.logIn(caddy) }), 200);
  assert.equal(portal.seen[0]?.['x-auth-request-preferred-username'], 'ada');
});

test('browsers ask for a protected page each time, unless it says how long it may be kept', async () => {
  const cookie = await atPortal.logIn(caddy);
  const kept = async (path: string) =>
    (await caddy.ask(atPortal.host, { cookie }, path)).headers['cache-control'];
  assert.deepEqual([await kept('/'), await kept('/?keep')], ['private, no-cache', 'max-age=60']);
});

test('what a protected page keeps of its visitors opens no other, even with the cookie of their session', async () => {
  const cookie = await atWebsite.logIn(caddy);
  assert.equal(await statusAt(atWebsite, { cookie }), 200);
  const { host: _, ...kept } = website.seen[0] as Record<string, string>;
  for (const stolen of [kept, { ...kept, cookie }]) assert.equal(await statusAt(atPortal, stolen), 302);
  assert.deepEqual(portal.seen, []);
});

test('a session that is renewed reaches the browser, beside the page’s own cookies, and is not renewed with each page', async () => {
  const first = await atWebsite.logIn(caddy);
  const before = atWebsite.login.renewals;
  const page = (cookie: string) => caddy.ask(atWebsite.host, { cookie });
  let answer = await page(first);
  await waitUntil('a renewal', async () => {
    answer = await page(first);
    return atWebsite.login.renewals > before;
  });
  const second = cookiesOf(answer);
  const names = second.split('; ').map((each) => each.split('=')[0]);
  for (const name of ['__Host-haven_0', '__Host-haven_1', 'theme']) assert.ok(names.includes(name), name);
  assert.equal((await page(second)).statusCode, 200);
  assert.equal(atWebsite.login.renewals, before + 1);
});

test('a session that the login ended leads to the login, and the browser forgets it', async () => {
  const cookie = await atWebsite.logIn(caddy);
  atWebsite.login.endSessions();
  let answer = await caddy.ask(atWebsite.host, { cookie });
  await waitUntil('the end of the session', async () => {
    answer = await caddy.ask(atWebsite.host, { cookie });
    return answer.statusCode === 302;
  });
  assert.match(answer.headers.location ?? '', /^\/oauth2\/start\?/);
  assert.ok(answer.headers['set-cookie']?.some((each) => each.startsWith('__Host-haven_0=;')));
});
