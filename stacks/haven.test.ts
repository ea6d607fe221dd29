import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { signingKey } from '../core/dns/zone-signing.ts';
import { planMailCloud } from '../test/support/mail-cloud.ts';
import { createHaven } from './haven.ts';

/** The resources that the program makes of a plan, by type. */
async function resourcesOf(plan: ReturnType<typeof planMailCloud>): Promise<Map<string, string[]>> {
  const made = new Map<string, string[]>();
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
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
      acme: { directory: '', accountUrl: '', caaIdentity: '' },
      taken: new Map(),
    }),
  );
  // Resources are made while the program already goes on.
  await pulumi.runtime.disconnect();
  return made;
}

test('zones with mail are signed where their provider can, unless haven.yaml says no', async () => {
  const domains = [
    { name: 'example.org', dns: 'cloudflare' },
    { name: 'second.example', dns: 'cloudflare', dnssec: false },
    { name: 'third.example', dns: 'manual' },
    { name: 'fourth.example', dns: 'cloudflare' },
  ];
  const receives = ['example.org', 'second.example', 'third.example'];
  const made = await resourcesOf(planMailCloud({ domains, receives }));
  assert.deepEqual(made.get('haven:index:ZoneSigning'), [signingKey('example.org')]);
  assert.ok(made.get('cloudflare:index/dnsRecord:DnsRecord')!.length > 10);
});
