import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as pulumi from '@pulumi/pulumi';
import { recordKey } from '../core/dns/record.ts';
import { signingKey } from '../core/dns/zone-signing.ts';
import { exampleConfig } from '../test/support/example-plan.ts';
import { planMailCloud } from '../test/support/mail-cloud.ts';
import { createHaven } from './haven.ts';

/** More than the rest of a program takes. */
const loginTakesMs = 1500;

/** The resources that the program makes of a plan, in their order, and by type. */
async function resourcesOf(
  plan: ReturnType<typeof planMailCloud>,
  { isReplaced = false, newServices = new Set<string>() } = {},
): Promise<{ made: Map<string, string[]>; order: string[] }> {
  const made = new Map<string, string[]>();
  const order: string[] = [];
  await pulumi.runtime.setMocks({
    newResource: async ({ type, name, inputs }) => {
      // What does not wait for the login comes before it.
      if (name === 'release-keycloak') await sleep(loginTakesMs);
      order.push(name);
      made.set(type, [...(made.get(type) ?? []), name]);
      return { id: '1', state: { ...inputs, ipAddress: '2001:db8::', keyA: 'aa', keyB: 'bb' } };
    },
    call: () => ({ zoneId: 'the-zone' }),
  });
  const key = { public: 'ssh-ed25519 AAAA', private: '' };
  await pulumi.runtime.runInPulumiStack(() =>
    createHaven({
      plan,
      sshKey: key,
      hostKey: key,
      agentSha256: '',
      acme: { directory: '', accountUrl: '', caaIdentity: '', isReplaced },
      taken: new Map(),
      newServices,
    }),
  );
  // Resources are made while the program already goes on.
  await pulumi.runtime.disconnect();
  return { made, order };
}

test('zones with mail are signed where their provider can, unless haven.yaml says no', async () => {
  const domains = [
    { name: 'example.org', dns: 'cloudflare' },
    { name: 'second.example', dns: 'cloudflare', dnssec: false },
    { name: 'third.example', dns: 'manual' },
    { name: 'fourth.example', dns: 'cloudflare' },
  ];
  const receives = ['example.org', 'second.example', 'third.example'];
  const { made } = await resourcesOf(planMailCloud({ domains, receives }));
  assert.deepEqual(made.get('haven:index:ZoneSigning'), [signingKey('example.org')]);
  assert.ok(made.get('cloudflare:index/dnsRecord:DnsRecord')!.length > 10);
});

test('the look outward comes after the names that lead to the server, and before mail and what makes it live', async () => {
  const plan = planMailCloud();
  const { order } = await resourcesOf(plan);
  const at = (name: string) => {
    assert.ok(order.includes(name), name);
    return order.indexOf(name);
  };
  const keys = (stage: string) => plan.records.filter((each) => each.stage === stage).map(recordKey);
  for (const early of keys('early')) assert.ok(at(early) < at('mail-preflight'), early);
  assert.ok(at('mail-preflight') < at('release-postbox'));
  for (const live of keys('live')) assert.ok(at('release-postbox') < at(live), live);
});

test('who may certify a name is live at last, but where the account is another, before anything is ordered with it', async () => {
  const plan = planMailCloud();
  const records = plan.records.filter((each) => each.type === 'CAA' && each.tag === 'issue').map(recordKey);
  assert.ok(records.length > 0);
  for (const isReplaced of [false, true]) {
    const { order } = await resourcesOf(plan, { isReplaced });
    const first = order.findIndex((name) => name.startsWith('certificate-'));
    for (const name of records) assert.equal(order.indexOf(name) < first, isReplaced, name);
  }
});

test('beside a new login start the services that can do without it for now, and those that ask for it wait', async () => {
  const plan = planMailCloud({
    server: { ...exampleConfig.server, type: 'cx33' },
    services: {
      ...{ website: { access: 'users' }, gitea: {}, vaultwarden: {} },
      ...{ postbox: undefined, mail: {}, webmail: {} },
    },
  });
  const after = async (newServices: string[]) => {
    const { order } = await resourcesOf(plan, { newServices: new Set(newServices) });
    const login = order.indexOf('release-keycloak');
    return order.slice(login + 1).filter((name) => name.startsWith('release-'));
  };
  const services = ['gitea', 'mail', 'portal', 'vaultwarden', 'webmail', 'website'];
  const releases = services.map((each) => `release-${each}`);
  assert.deepEqual((await after([])).sort(), releases.toSorted());
  assert.deepEqual(await after(['keycloak', ...services]), ['release-vaultwarden']);
});
