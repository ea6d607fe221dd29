import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { exampleCatalogue, exampleConfig, exampleImages } from '../../test/support/example-plan.ts';
import { buildPlan } from '../plan/plan.ts';

const planWith = (access: 'public' | 'users') =>
  buildPlan(
    {
      ...exampleConfig,
      services: {
        website: { ...exampleConfig.services.website!, access },
      },
    },
    exampleCatalogue,
    { version: 2, images: exampleImages },
  );
const bundleOf = (service: string, access: 'public' | 'users' = 'users') =>
  planWith(access).releases.find((each) => each.service === service)!.bundle;
const containersOf = (service: string, access?: 'public' | 'users') =>
  (parse(bundleOf(service, access).files['compose.yaml']!) as { services: Record<string, Container> })
    .services;
interface Container {
  command?: string[];
  volumes?: string[];
  networks?: Record<string, unknown>;
  extra_hosts?: string[];
  secrets?: unknown[];
}

test('each protected service has a client at the login that leads back to it alone, and secrets of its own', () => {
  for (const [service, host] of [
    ['portal', 'me.example.org'],
    ['website', 'www.example.org'],
  ] as const) {
    const { login, secrets } = bundleOf(service).release;
    assert.deepEqual(login?.redirectUris, [`https://${host}/oauth2/callback`]);
    const { command } = containersOf(service)['auth-proxy']!;
    assert.ok(command?.includes(`--client-id=${service}`));
    assert.ok(command?.includes(`--redirect-url=https://${host}/oauth2/callback`));
    for (const name of ['oidc-secret', 'cookie-secret'])
      assert.deepEqual(secrets[name]?.readers, { 'auth-proxy': 2040 });
  }
});

test('the reverse proxy asks the auth proxy of each service at a port of its own', () => {
  const ports = planWith('users').releases.flatMap(({ bundle }) =>
    bundle.release.routes.flatMap((route) => (route.protected ? [route.protected.authProxyPort] : [])),
  );
  assert.equal(ports.length, 2);
  assert.equal(new Set(ports).size, 2);
});

test('only the auth proxy reaches the login and reads its secrets, and it does not reach LDAP', () => {
  const { portal, 'auth-proxy': proxy } = containersOf('portal');
  assert.deepEqual(proxy?.extra_hosts, ['login.example.org:host-gateway']);
  assert.equal(proxy?.networks, undefined);
  assert.equal(portal?.extra_hosts, undefined);
  assert.deepEqual(portal?.secrets, ['bind-password']);
  assert.deepEqual(containersOf('website').web, containersOf('website', 'public').web);
});

test('a public service, and the login itself, have no auth proxy', () => {
  assert.deepEqual(Object.keys(containersOf('website', 'public')), ['web']);
  assert.ok(!('auth-proxy' in containersOf('keycloak')));
});
