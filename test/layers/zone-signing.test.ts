import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as automation from '@pulumi/pulumi/automation/index.js';
import { havenProvider } from '../../components/provider/haven-provider.ts';
import { type ListeningProvider, listenProvider } from '../../components/provider/serve.ts';
import { type Ds, signingKey } from '../../core/dns/zone-signing.ts';
import { ensureEngine } from '../../engine/ensure-engine.ts';
import {
  type CloudflareEmulator,
  listenCloudflareEmulator,
} from '../../sandbox/emulators/cloudflare/listen.ts';
import { collect } from '../../stacks/engine-events.ts';
import { loadRecordMaker } from '../../stacks/records.ts';
import { signZones } from '../../stacks/signing.ts';
import { scratch } from '../support/scratch.ts';
import { signEmulatedZone } from '../support/sign-emulated-zone.ts';
import { zonePlan } from '../support/zone-to-take-over.ts';

/**
 * The real engine with our own programs for records and DNSSEC, against an emulator in this process: a zone is signed last,
 * a plan shows no change while the registrar is waited for nor afterwards, and nothing ever ends the signing.
 */
const folder = scratch('signing-engine');
const zone = zonePlan.zones[0]!.name;
const values = { ipv4: '198.51.100.1', ipv6: '2001:db8::1' };
const addresses = zonePlan.records.filter(({ type }) => type === 'A');
const key = signingKey(zone);

/** The DS records that the registrar has published. */
const atParent: Ds[] = [];
/** After each change of the zone: how many records it has, and whether it is signed. */
const history: [records: number, status: string | undefined][] = [];
let emulator: CloudflareEmulator;
let providers: ListeningProvider[] = [];
let engineRoot: string;

before(async () => {
  engineRoot = await ensureEngine();
  emulator = await listenCloudflareEmulator({
    log: () => undefined,
    parentDs: () => atParent,
    publish: async ({ records, dnssec }) => void history.push([records.length, dnssec?.status]),
  });
  await emulator.registerZone(zone, []);
  Object.assign(process.env, { CLOUDFLARE_BASE_URL: emulator.url, CLOUDFLARE_API_TOKEN: emulator.token });
  const { cloudflarePlugin } = await import('../../sandbox/plugins/cloudflare.ts');
  providers = [await listenProvider(havenProvider), await listenProvider(cloudflarePlugin)];
  const [haven, cloudflare] = providers;
  mkdirSync(join(folder, 'state'), { recursive: true });
  Object.assign(process.env, {
    ...{ PULUMI_HOME: join(folder, 'home'), PULUMI_CONFIG_PASSPHRASE: 'x', PULUMI_SKIP_UPDATE_CHECK: 'true' },
    PULUMI_DEBUG_PROVIDERS: `haven:${haven!.port},cloudflare:${cloudflare!.port}`,
  });
});
after(async () => {
  for (const each of providers) each.close();
  await emulator.close();
});

async function openStack({ isWanted = true } = {}) {
  const projectName = 'signing';
  return automation.LocalWorkspace.createOrSelectStack(
    {
      stackName: 'dns',
      projectName,
      program: async () => {
        const records = await loadRecordMaker(zonePlan, new Map());
        const made = addresses.map((each) => records.create(each, values, []));
        const zones = zonePlan.zones.map((each) => ({
          ...each,
          ...(isWanted ? { dnssec: 'on' as const } : {}),
        }));
        signZones({ zones }, made);
      },
    },
    {
      pulumiCommand: await automation.PulumiCommand.get({ root: engineRoot }),
      projectSettings: {
        name: projectName,
        runtime: 'nodejs',
        backend: { url: pathToFileURL(join(folder, 'state')).href },
      },
    },
  );
}

/** What a plan with refresh, or a run, changes: `create dnssec-example.org`; and what its refresh found to be different. */
async function change(verb: 'preview' | 'up', options: { isWanted?: boolean } = {}) {
  const stack = await openStack(options);
  const result = await collect(
    () => undefined,
    (onEvent) => stack[verb]({ refresh: true, onEvent }),
  );
  assert.deepEqual(result.errors, []);
  const changes = result.changes
    .filter(({ kind }) => kind !== 'keep')
    .map(({ kind, name }) => `${kind} ${name}`);
  return { changes: changes.sort(), drifted: result.drifted };
}

const status = () => emulator.state.zones[0]!.dnssec?.status;
const nothing = { changes: [], drifted: [] };

test('a zone is signed once all records are there, and a plan afterwards shows no change', async () => {
  const planned = await change('preview');
  assert.ok(planned.changes.includes(`create ${key}`));
  assert.equal(status(), undefined, 'a preview signs nothing');
  await change('up');
  assert.deepEqual(history.at(-1), [addresses.length, 'pending']);
  assert.ok(
    history.slice(0, -1).every(([, signed]) => signed === undefined),
    JSON.stringify(history),
  );
  assert.deepEqual(await change('preview'), nothing);
});

test('once the registrar has published the DS record, a plan shows no change either', async () => {
  atParent.push(await signEmulatedZone(emulator));
  assert.deepEqual(await change('preview'), nothing);
  assert.equal(status(), 'active');
  assert.deepEqual((await change('up')).changes, []);
});

test('DNSSEC that was disabled at the provider is a change, which enables it again', async () => {
  await signEmulatedZone(emulator, 'disabled');
  assert.deepEqual(await change('preview'), { changes: [`update ${key}`], drifted: [key] });
  await change('up');
  assert.equal(status(), 'active');
  assert.deepEqual(await change('preview'), nothing);
});

test('a plan that no longer has it, and destroy, leave the zone signed', async () => {
  const before = history.length;
  assert.deepEqual((await change('up', { isWanted: false })).changes, [`delete ${key}`]);
  assert.equal(status(), 'active');
  assert.deepEqual((await change('up')).changes, [`create ${key}`], 'as if its owner had signed it');
  assert.equal(history.length, before, 'the zone did not change');
  const stack = await openStack();
  await stack.destroy({ refresh: true });
  assert.deepEqual(emulator.state.zones[0]!.records, []);
  assert.equal(status(), 'active');
});
