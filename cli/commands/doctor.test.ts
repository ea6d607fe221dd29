import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { engineVersion } from '../../engine/engine-root.ts';
import { engineRelease } from '../../engine/release.ts';
import { ReleaseServer } from '../../test/support/release-server.ts';
import { scratch } from '../../test/support/scratch.ts';
import { openCloud, succeeds, type } from '../../test/support/typist.ts';
import type { Finding } from '../doctor/finding.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { output } from './doctor.ts';

const answers = {
  hello: () => ({ protocol: 2, version: '0.1.0', node: 'v20.19.2' }),
  clock: () => ({ now: Date.now() }),
  look: () => ({
    services: [{ service: 'website', healthy: true, switchedOff: false }],
    server: { differs: [] },
  }),
  disks: () => [{ name: 'volume', remedy: '', usedBytes: 4e9, totalBytes: 20e9 }],
  'alarm-list': () => ({ checkedAt: '2026-11-24T09:30:00.000Z', alarms: [], receivers: [] }),
};

/** Whatever this machine has: what is not here can be downloaded. */
const releases = await ReleaseServer.listen();
process.env.PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES = releases.overrides;
await releases.publish(`/sdk/${engineRelease(engineVersion)!.archive}`, { 'pulumi/pulumi': 'engine' });

const named = (findings: Finding[], name: string): Finding => {
  const finding = findings.find((each) => each.name === name);
  assert.ok(finding, `no finding about ${name}`);
  return finding;
};

async function ask(): Promise<{ code: number; findings: Finding[]; stdout: string }> {
  const { code, stdout } = await type(['doctor', '--json']);
  return { code, findings: output.parse(JSON.parse(stdout)), stdout };
}

test('shows a computer, a cloud and a server that are well, and no token', async () => {
  const cloud = await openCloud({ agent: answers });
  const { screen, json } = await succeeds<Finding[]>('doctor');
  assert.match(screen.stdout, /^ {2}This computer\n {4}✔ Node: 24/);
  assert.match(screen.stdout, /\n {2}Your cloud\n {4}✔ haven\.yaml: /);
  assert.match(
    screen.stdout,
    /\n {2}Its server\n {4}✔ Server: 127\.0\.0\.1 answers\n {4}✔ Agent: version 0\.1\.0/,
  );
  assert.equal(named(json, 'hcloud-token').evidence, 'set, in the variable HCLOUD_TOKEN');
  for (const token of [cloud.hetzner.token, cloud.cloudflare.token])
    assert.equal(screen.stdout.includes(token) || JSON.stringify(json).includes(token), false);
});

test('before there is a cloud, it says how to begin, and leaves no file', async () => {
  const { directory } = await openCloud();
  rmSync(join(directory, 'haven.yaml'));
  rmSync(join(directory, 'haven.lock'), { force: true });
  const { findings, code } = await ask();
  assert.equal(code, 0);
  assert.match(named(findings, 'haven.yaml').remedy, /^Run: haven init/);
  assert.deepEqual(readdirSync(directory), []);
});

test('without secrets.age it reads tokens from the environment, and makes neither file nor key', async () => {
  const { directory } = await openCloud();
  const { findings, code } = await ask();
  assert.equal(code, 0, JSON.stringify(findings));
  assert.equal(named(findings, 'secrets.age').state, 'later');
  assert.equal(named(findings, 'cloudflare-token').state, 'found');
  delete process.env.CLOUDFLARE_API_TOKEN;
  assert.equal((await ask()).code, exitCodes.failed);
  assert.equal(existsSync(join(directory, 'secrets.age')), false);
  assert.equal(existsSync(process.env.HAVEN_AGE_KEY_FILE!), false);
  assert.deepEqual(readdirSync(directory).sort(), ['haven.yaml']);
});

test('a key that is not here and a mistake in haven.yaml are findings', async () => {
  const cloud = await openCloud({ agent: answers });
  process.env.HAVEN_AGE_KEY_FILE = join(scratch('other'), 'key');
  assert.match(named((await ask()).findings, 'secrets.age').evidence, /^its key is not here/);
  cloud.write('haven.yaml', cloud.read().replace('diskGb: 10', 'diskGb: ten'));
  const { findings, code } = await ask();
  assert.equal(code, exitCodes.failed);
  assert.ok(
    findings.some(
      ({ name, evidence }) => /haven\.yaml:\d+:\d+$/.test(name) && /^server\.diskGb/.test(evidence),
    ),
    JSON.stringify(findings),
  );
});

test('tokens that are not set are named, with the command that sets them', async () => {
  await openCloud({ agent: answers });
  delete process.env.HCLOUD_TOKEN;
  const { findings, code } = await ask();
  assert.equal(code, exitCodes.failed);
  assert.equal(named(findings, 'HCLOUD_TOKEN').remedy, 'Run: haven secret set hcloud-token');
  assert.equal(
    findings.some(({ about }) => about === 'server'),
    false,
    'the provider is not asked without a token',
  );
});

test('no server yet is nothing to fix; one that does not answer is told from one that is unwell', async () => {
  const none = await openCloud();
  await none.secrets().then((store) => store.set('any', 'value'));
  const before = await ask();
  assert.equal(before.code, 0, before.stdout);
  assert.equal(named(before.findings, 'Server').evidence, 'there is none yet');

  const cloud = await openCloud({ agent: answers });
  await cloud.agent.close();
  const silent = await ask();
  assert.equal(silent.code, exitCodes.unreachable, silent.stdout);
  assert.equal(named(silent.findings, 'Server').state, 'unreachable');
});

test('a token that Hetzner refuses is a finding', async () => {
  await openCloud({ agent: answers });
  process.env.HCLOUD_TOKEN = 'y'.repeat(64);
  const { findings, code } = await ask();
  assert.equal(code, exitCodes.failed);
  assert.match(named(findings, 'Server').remedy, /haven secret set hcloud-token$/);
});
