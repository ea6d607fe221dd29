import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleCatalogue, exampleConfig, exampleImages } from '../../test/support/example-plan.ts';
import { recordKey } from '../dns/record.ts';
import type { Change } from './changes.ts';
import { loginsAtRisk } from './logins-at-risk.ts';
import { buildPlan } from './plan.ts';

const services = { gitea: { options: {} }, vaultwarden: { options: {} } };
const plan = buildPlan({ ...exampleConfig, services }, exampleCatalogue, {
  version: 2,
  images: exampleImages,
});
const host = (service: string): string =>
  plan.releases.find((each) => each.service === service)!.bundle.release.routes[0]!.host;

const change = (type: string, name: string, kind: Change['kind'] = 'update'): Change => ({
  kind,
  type,
  name,
  properties: [],
});
const release = (service: string, kind?: Change['kind']) =>
  change('haven:index:Release', `release-${service}`, kind);
const all = loginsAtRisk(plan, [release('reverse-proxy')]);

test('every service with a login check depends on the reverse proxy', () => {
  assert.deepEqual(all, ['gitea', 'vaultwarden']);
});

test('a service that changed is tried, and nothing that does not depend on it', () => {
  assert.deepEqual(loginsAtRisk(plan, [release('gitea')]), ['gitea']);
  assert.deepEqual(loginsAtRisk(plan, [release('gitea', 'keep')]), []);
});

test('whatever depends on what changed is tried, at any distance', () => {
  assert.deepEqual(loginsAtRisk(plan, [release('keycloak')]), all);
  assert.deepEqual(loginsAtRisk(plan, [release('ldap')]), all, 'the login asks LDAP');
  assert.deepEqual(loginsAtRisk(plan, [release('portal')]), []);
});

test('a new certificate is a change of the service behind it', () => {
  const certificate = (service: string) => change('haven:index:Certificate', `certificate-${host(service)}`);
  assert.deepEqual(loginsAtRisk(plan, [certificate('gitea')]), ['gitea']);
  assert.deepEqual(loginsAtRisk(plan, [certificate('keycloak')]), all);
});

test('a change of the server is one of everything on it, and a DNS record of nothing', () => {
  assert.deepEqual(loginsAtRisk(plan, [change('haven:index:Agent', 'server-a-agent')]), all);
  const record = change(
    'cloudflare:index/dnsRecord:DnsRecord',
    recordKey({ name: host('gitea'), type: 'A' }),
  );
  assert.deepEqual(loginsAtRisk(plan, [record]), []);
});
