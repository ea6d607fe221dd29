import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atCloudflare, atHetzner, otherServer } from '../../support/companies.ts';
import { type FailureCase, provokeAll } from '../../support/failure-table.ts';
import {
  cloudflareRefuses,
  type FaultOf,
  faults,
  hetznerRefuses,
  refuses,
} from '../../support/faulty-api.ts';
import { openCloud, type } from '../../support/typist.ts';

/** As Hetzner answers everything but GET with a token of the kind "Read". */
const readOnly: FaultOf = (method) =>
  method === 'GET'
    ? undefined
    : hetznerRefuses(403, 'token_readonly', 'token is only allowed to perform GET requests');
/** As Cloudflare answers with a token that has DNS:Read. */
const noEdit: FaultOf = (method) =>
  method === 'GET' ? undefined : cloudflareRefuses(403, 10000, 'Authentication error');

const init =
  'init --directory CLOUD/new --domain example.org --dns cloudflare --owner-name Ada --owner-email ada@example.com';
const set = (name: string, value: string): Partial<FailureCase> & { typed: string } => ({
  typed: `secret set ${name}`,
  options: { input: `${value}\n` },
});
const hetznerToken = 'x'.repeat(64);
const cloudflareToken = 'cloudflare-emulator-token-00000000000000';

const table: FailureCase[] = [
  { name: 'init: a Hetzner token that can only read', typed: init, provoke: atHetzner(readOnly) },
  { name: 'init: a Cloudflare token that can only read', typed: init, provoke: atCloudflare(noEdit) },
  {
    name: 'init: a Hetzner token of another length',
    typed: init,
    provoke: () => {
      process.env.HCLOUD_TOKEN = 'short';
    },
  },
  {
    name: 'init: a token that Hetzner does not know',
    typed: init,
    provoke: () => {
      process.env.HCLOUD_TOKEN = 'z'.repeat(64);
    },
  },
  {
    name: 'init: a domain that the account does not have',
    typed: init.replace('example.org', 'example.net'),
  },
  {
    name: 'init: Hetzner is silent',
    typed: init,
    code: 'unreachable',
    provoke: atHetzner(() => faults.silence),
  },
  {
    name: 'init: Cloudflare has a fault of its own',
    typed: init,
    code: 'unreachable',
    provoke: atCloudflare(() => refuses(500)),
  },
  {
    name: 'init: the account is not verified',
    typed: init,
    provoke: (cloud) => cloud.hetzner.setFaults({ unverified: true }),
  },
  { name: 'init: a type that is not sold there', typed: `${init} --location ash --type cx33`, code: 'usage' },
  {
    name: 'a Hetzner token that can only read',
    ...set('hcloud-token', hetznerToken),
    provoke: atHetzner(readOnly),
  },
  { name: 'a Hetzner token that is revoked', ...set('hcloud-token', 'z'.repeat(64)) },
  {
    name: 'a Cloudflare token that can only read',
    ...set('cloudflare-token', cloudflareToken),
    provoke: atCloudflare(noEdit),
  },
  { name: 'a Cloudflare token that is revoked', ...set('cloudflare-token', 'a'.repeat(40)) },
  { name: 'a token of nothing', ...set('hcloud-token', '') },
  { name: 'a token for which there is no name', ...set('hcloud-tokne', hetznerToken), code: 'usage' },
];

provokeAll(import.meta.url, 'tokens', table);

test('a token is tried by writing, and nothing is left of that; what an earlier attempt left is removed', async () => {
  const cloud = await openCloud();
  const before = structuredClone(cloud.cloudflare.state.zones[0]!.records);
  const left = { ...before[0], type: 'TXT', name: '_haven-write-test', content: '"left"' };
  await cloud.cloudflare.registerZone('example.org', [...before, left]);
  const firewall = { rules: [], servers: [], created: '2026-01-01T00:00:00Z' };
  cloud.hetzner.state.firewalls.push(
    { id: 1, name: 'haven-write-test-1', labels: { 'haven-write-test': 'true' }, ...firewall },
    { id: 2, name: 'mine', labels: {}, ...firewall },
  );
  for (const [name, token] of [
    ['hcloud-token', cloud.hetzner.token],
    ['cloudflare-token', cloud.cloudflare.token],
  ] as const)
    assert.equal((await type(['secret', 'set', name], { input: token })).code, 0);
  assert.deepEqual(
    cloud.hetzner.state.firewalls.map(({ name }) => name),
    ['mine'],
  );
  assert.deepEqual(cloud.cloudflare.state.zones[0]!.records.length, before.length);
});

test('init names the other servers of a project', async () => {
  const cloud = await openCloud();
  for (const [id, name] of [
    [7, 'shop'],
    [8, 'wiki'],
  ] as const)
    cloud.hetzner.state.servers.push(otherServer(id, name));
  const { code, stdout } = await type(init.replace('CLOUD', cloud.directory).split(' '));
  assert.equal(code, 0, stdout);
  assert.match(
    stdout,
    /also has 2 servers of yours: shop, wiki\. haven leaves them unchanged[\s\S]*a project for this cloud alone/,
  );
});
