import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ds } from '../../core/dns/zone-signing.ts';
import { signingKey } from '../../core/dns/zone-signing.ts';
import type { Change } from '../../core/plan/changes.ts';
import { afterDeploy } from '../../test/support/after-deploy.ts';
import { testServices } from '../../test/support/owner.ts';
import { signEmulatedZone } from '../../test/support/sign-emulated-zone.ts';
import { stubSessions } from '../../test/support/stub-session.ts';
import { openCloud, succeeds, type } from '../../test/support/typist.ts';

const up = ['up', '--yes', '--no-backups'];
const change = (kind: Change['kind']): Change => ({
  kind,
  type: 'haven:index:ZoneSigning',
  name: signingKey('example.org'),
  properties: [],
});

/** A cloud with mail, and an engine that changes nothing real. */
async function openMailCloud({ dns = 'cloudflare' as 'cloudflare' | 'manual', atParent = [] as Ds[] } = {}) {
  const cloud = await openCloud({
    services: ['postbox'],
    agent: { ...afterDeploy },
    dns,
    parentDs: atParent,
  });
  process.env.HAVEN_SERVICES = testServices;
  const engine = stubSessions();
  const sign = () => signEmulatedZone(cloud.cloudflare);
  return { cloud, engine, sign };
}

test('a plan has a line for each zone that is signed, and up ends with what the registrar needs, in both forms', async () => {
  const { engine, sign } = await openMailCloud();
  engine.changes = [change('create')];
  const planned = await type(['plan']);
  assert.match(planned.stdout, /\+ create +DNSSEC +example\.org +signs the zone if it is not signed yet/);
  assert.match(planned.stdout, /Creates 1 signed zone\./);
  assert.doesNotMatch(planned.stdout, /waits for/, 'nothing is signed yet');

  const ds = await sign();
  const done = await type(up);
  assert.equal(done.code, 0, done.stderr);
  const entries = `  DNSSEC of example.org waits for your registrar. Enter there what it asks for, one of:
    DS: key tag ${ds.keyTag}, algorithm 13, digest type 2, digest ${ds.digest}
    DNSKEY: flags 257, protocol 3, algorithm 13, public key `;
  assert.ok(done.stdout.includes(entries), done.stdout);
});

test('until the registrar has it, a plan without a change says that, and so does up; then neither does', async () => {
  const atParent: Ds[] = [];
  const { sign } = await openMailCloud({ atParent });
  const ds = await sign();
  const waits =
    /DNSSEC: example\.org waits for your registrar\. To see what to enter there, run: haven mail check/;
  const planned = await type(['plan']);
  assert.match(planned.stdout, /No change: everything is as haven\.yaml says\./);
  assert.match(planned.stdout, waits);
  assert.match((await type(up)).stdout, /DNSKEY: flags 257/);

  atParent.push(ds);
  assert.doesNotMatch((await type(['plan'])).stdout, /DNSSEC/);
  assert.doesNotMatch((await type(up)).stdout, /DNSSEC|DNSKEY/);
});

test('where haven can not sign, a plan says that TLSA records do not count there', async () => {
  await openMailCloud({ dns: 'manual' });
  const { stdout } = await type(['plan']);
  assert.match(
    stdout,
    /DNSSEC: haven can't sign example\.org \(dns: manual\), so other mail servers don't check its TLSA records/,
  );
});

test('with "dnssec: false", and without mail, a plan and up show nothing about it', async () => {
  const { cloud, sign } = await openMailCloud();
  await sign();
  cloud.write('haven.yaml', cloud.read().replace('dns: cloudflare', 'dns: cloudflare\n    dnssec: false'));
  for (const argv of [['plan'], up]) assert.doesNotMatch((await type(argv)).stdout, /DNSSEC|DNSKEY/);
  await openCloud({ agent: { ...afterDeploy } });
  stubSessions();
  assert.doesNotMatch((await type(['plan'])).stdout, /DNSSEC/);
});

test('a zone that is no longer in the plan stays signed, and is not called removed', async () => {
  const { engine } = await openMailCloud();
  engine.changes = [change('delete')];
  const { stdout } = await type(['plan']);
  assert.match(stdout, /= keep +DNSSEC +example\.org +stays signed; haven no longer checks that/);
  assert.doesNotMatch(stdout, /Removes/);
});

test('destroy leaves the zone signed, and says what to do before that is ended', async () => {
  const { engine } = await openMailCloud();
  const ds: Ds = { keyTag: 7, algorithm: 13, digestType: 2, digest: 'AB'.repeat(32) };
  const of = { id: 'x', inputs: {}, isProtected: false };
  engine.resources = [
    {
      ...of,
      type: 'haven:index:ZoneSigning',
      name: signingKey('example.org'),
      outputs: { isSigned: true, ds },
    },
    { ...of, type: 'hcloud:index/sshKey:SshKey', name: 'owner', outputs: {} },
  ];
  engine.changes = [
    change('delete'),
    { kind: 'delete', type: 'hcloud:index/sshKey:SshKey', name: 'owner', properties: [] },
  ];
  const { screen, json } = await succeeds<{ removed: number }>('destroy', ['--yes']);
  assert.doesNotMatch(screen.stdout, /- DNSSEC/);
  assert.match(
    screen.stdout,
    /example\.org stays signed \(DNSSEC\)\. If you want to end that: first remove its DS record at your registrar \(7 13 2 (AB){32}\), wait a day, then/,
  );
  assert.equal(json.removed, 1);
});
