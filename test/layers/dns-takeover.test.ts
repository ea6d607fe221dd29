import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as automation from '@pulumi/pulumi/automation/index.js';
import { DnsTakeover } from '../../cli/project/dns-takeover.ts';
import { type ListeningProvider, listenProvider } from '../../components/provider/serve.ts';
import type { ConflictAnswers } from '../../core/dns/conflicts.ts';
import {
  type CloudflareEmulator,
  listenCloudflareEmulator,
} from '../../sandbox/emulators/cloudflare/listen.ts';
import { ensureEngine } from '../../setup/engine.ts';
import { adoptIntoState } from '../../stacks/adopt.ts';
import type { Deployment } from '../../stacks/pending.ts';
import { loadRecordMaker } from '../../stacks/records.ts';
import { scratch } from '../support/scratch.ts';
import { answeredConflicts, zonePlan as plan, www, zone } from '../support/zone-to-take-over.ts';

/**
 * The real engine with our own program for records, against an emulator in this process: when the engine asks for a
 * place to be cleared, what it does when that or the record after it fails, and that a plan afterwards shows no change.
 */
const values = {
  ipv4: '198.51.100.1',
  ipv6: '2001:db8::1',
  'acme-account': 'ca.example',
  [`tlsa-a:${www}`]: 'aa',
  [`tlsa-b:${www}`]: 'bb',
};

let emulator: CloudflareEmulator;
let provider: ListeningProvider;
let environment: Record<string, string>;
const folder = scratch('takeover-engine');

before(async () => {
  const root = await ensureEngine();
  emulator = await listenCloudflareEmulator({ log: () => undefined });
  environment = { CLOUDFLARE_BASE_URL: emulator.url, CLOUDFLARE_API_TOKEN: emulator.token };
  Object.assign(process.env, environment);
  const { cloudflarePlugin } = await import('../../sandbox/plugins/cloudflare.ts');
  provider = await listenProvider(cloudflarePlugin);
  Object.assign(process.env, {
    ...{ PULUMI_HOME: join(folder, 'home'), PULUMI_CONFIG_PASSPHRASE: 'x', PULUMI_SKIP_UPDATE_CHECK: 'true' },
    PULUMI_DEBUG_PROVIDERS: `cloudflare:${provider.port}`,
    TAKEOVER_ENGINE: root,
  });
});
after(async () => {
  provider.close();
  await emulator.close();
});

/** An owner whose zone holds these records. */
async function begin(name: string, records: object[]) {
  await emulator.registerZone(zone, records);
  const directory = join(folder, name);
  mkdirSync(join(directory, 'state'), { recursive: true });
  return directory;
}

async function stackOf(directory: string, takeover: DnsTakeover, outputs: Record<string, string>) {
  const projectName = 'takeover';
  return automation.LocalWorkspace.createOrSelectStack(
    {
      stackName: 'dns',
      projectName,
      program: async () => {
        const records = await loadRecordMaker(plan, takeover.places);
        const early = plan.records
          .filter((each) => each.stage === 'early')
          .map((each) => records.create(each, outputs, []));
        for (const each of plan.records.filter(({ stage }) => stage === 'live'))
          records.create(each, outputs, early);
      },
    },
    {
      pulumiCommand: await automation.PulumiCommand.get({ root: process.env.TAKEOVER_ENGINE! }),
      projectSettings: {
        name: projectName,
        runtime: 'nodejs',
        backend: { url: pathToFileURL(join(directory, 'state')).href },
      },
    },
  );
}

/** `haven up`, as far as DNS goes. */
async function up(directory: string, answers: Partial<ConflictAnswers>, outputs = values) {
  const takeover = new DnsTakeover(
    directory,
    plan,
    await answeredConflicts(environment, answers),
    environment,
  );
  const stack = await stackOf(directory, takeover, outputs);
  const adopted = await takeover.adopt();
  const exported = await stack.exportStack();
  const deployment = adoptIntoState((exported.deployment ?? {}) as Deployment, adopted, {
    stack: 'dns',
    project: 'takeover',
  });
  if (adopted.size > 0) await stack.importStack({ ...exported, deployment });
  await stack.preview({ refresh: true });
  const beforeUp = contents();
  const failure = await stack.up({ refresh: true }).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { beforeUp, failure, ...(await takeover.end(failure === undefined)) };
}

const records = () => emulator.state.zones.find((each) => each.name === zone)!.records;
const contents = (): string[] =>
  records()
    .map(({ name, type, content }) => `${name} ${type} ${content}`)
    .sort();
const made = [
  `_443._tcp.${www} TLSA 3 1 1 aa`,
  `_443._tcp.${www} TLSA 3 1 1 bb`,
  `haven.${zone} A 198.51.100.1`,
  `haven.${zone} AAAA 2001:db8::1`,
  `${www} A 198.51.100.1`,
  `${www} AAAA 2001:db8::1`,
  `${www} CAA 0 issue "ca.example"`,
];
const alias = { name: www, type: 'CNAME', content: 'shop.example' };
const shop = `${www} CNAME shop.example`;
const answers = { replace: [`${www} CNAME`], adopt: [`haven.${zone} A`] };

test('the engine clears a place when it makes the record; where the next is refused all is put back; a plan afterwards shows no change', async () => {
  const old = { id: 'a'.repeat(32), name: `haven.${zone}`, type: 'A', content: '198.51.100.8' };
  const directory = await begin('refused', [alias, old]);
  const failed = await up(directory, answers, { ...values, ipv6: 'no address' });
  assert.deepEqual(failed.beforeUp, [`haven.${zone} A 198.51.100.8`, shop], 'a preview changes nothing');
  assert.match(failed.failure ?? '', /valid IPv6 address/);
  assert.deepEqual(
    failed.putBack.map((each) => each.content),
    ['shop.example.'],
  );
  assert.deepEqual(
    contents().filter((each) => each.startsWith(www)),
    [shop],
  );

  const done = await up(directory, { replace: answers.replace });
  assert.deepEqual([done.failure, done.putBack, done.problems], [undefined, [], []]);
  assert.deepEqual(contents(), made);
  assert.equal(
    records().find((each) => each.id === old.id)?.content,
    values.ipv4,
    'adopted, and changed in place',
  );
  const stack = await stackOf(directory, new DnsTakeover(directory, plan, [], environment), values);
  const { changeSummary } = await stack.preview({ refresh: true });
  assert.deepEqual(Object.keys(changeSummary), ['same']);
  await stack.destroy();
  assert.deepEqual(contents(), []);
});

test('a place that cannot be cleared: nothing is made there, and the alias stays', async () => {
  const directory = await begin('uncleared', [alias]);
  // The journal can't be written, so nothing may be removed.
  writeFileSync(join(directory, '.haven'), 'in the way');
  const failed = await up(directory, { replace: answers.replace }).catch((error: Error) => ({
    failure: error.message,
  }));
  assert.match(failed.failure ?? '', /EEXIST|ENOTDIR/);
  assert.deepEqual(
    contents().filter((each) => each.startsWith(www)),
    [shop],
  );
});
