import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from './changes.ts';
import { hasBuilt, newImages } from './new-images.ts';
import type { Plan } from './plan.ts';

const planned = (service: string, images: Record<string, string>) => ({
  service,
  bundle: { release: { images } },
});
const plan = {
  releases: [
    planned('website', { IMAGE_WEB: 'openhaven/caddy:2' }),
    planned('vaultwarden', {
      IMAGE_VAULTWARDEN: 'docker.io/vault:1@sha256:2',
      IMAGE_POSTGRES: 'openhaven/postgres:1',
    }),
    planned('notes', { IMAGE_NOTES: 'openhaven/caddy:2', IMAGE_POSTGRES: 'openhaven/postgres:1' }),
  ],
} as unknown as Plan;

const change = (kind: Change['kind'], service: string, images?: Record<string, string>): Change => ({
  kind,
  type: 'haven:index:Release',
  name: `release-${service}`,
  properties: [],
  ...(kind === 'create' ? {} : { before: { service, summary: { images: images ?? {} } } }),
  after: { service },
});
const server: Change = { kind: 'create', type: 'hcloud:index/server:Server', name: 'a', properties: [] };
const names = (changes: Change[]) => newImages(plan, changes).map(({ reference }) => reference);

test('a new server has none of the images; each is listed once, with its services', () => {
  const changes = [server, ...['website', 'vaultwarden', 'notes'].map((each) => change('create', each))];
  assert.deepEqual(newImages(plan, changes), [
    { reference: 'openhaven/caddy:2', services: ['website', 'notes'] },
    { reference: 'docker.io/vault:1@sha256:2', services: ['vaultwarden'] },
    { reference: 'openhaven/postgres:1', services: ['vaultwarden', 'notes'] },
  ]);
  assert.equal(hasBuilt(plan, changes), false);
});

test('what another service has there already is not new', () => {
  const changes = [change('keep', 'website'), change('keep', 'vaultwarden'), change('create', 'notes')];
  assert.deepEqual(names(changes), []);
  assert.equal(hasBuilt(plan, changes), true);
});

test('a release that changes brings what its previous one did not have', () => {
  const before = { IMAGE_VAULTWARDEN: 'docker.io/vault:0@sha256:1', IMAGE_POSTGRES: 'openhaven/postgres:1' };
  assert.deepEqual(names([change('keep', 'website'), change('update', 'vaultwarden', before)]), [
    'docker.io/vault:1@sha256:2',
  ]);
});

test('an image that the agent did not find is brought again', () => {
  const images = { IMAGE_WEB: 'openhaven/caddy:2' };
  const differs = ['its image openhaven/caddy:2 (missing)', 'its image openhaven/other:1 (without its name)'];
  assert.deepEqual(names([{ ...change('update', 'website', images), differs }]), ['openhaven/caddy:2']);
});

test('without a change nothing is new, and a server that is replaced starts with nothing', () => {
  assert.deepEqual(names([change('keep', 'website')]), []);
  const images = { IMAGE_WEB: 'openhaven/caddy:2' };
  const replaced: Change = { ...server, kind: 'replace' };
  assert.deepEqual(names([replaced, change('replace', 'website', images)]), ['openhaven/caddy:2']);
});
