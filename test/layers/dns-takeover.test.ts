import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as automation from '@pulumi/pulumi/automation/index.js';
import { DnsTakeover, settleTakeovers } from '../../cli/project/dns-takeover.ts';
import { type ListeningProvider, listenProvider } from '../../components/provider/serve.ts';
import type { ConflictAnswers } from '../../core/dns/conflicts.ts';
import { recordMark } from '../../core/dns/record.ts';
import { ensureEngine } from '../../engine/ensure-engine.ts';
import {
  type CloudflareEmulator,
  listenCloudflareEmulator,
} from '../../sandbox/emulators/cloudflare/listen.ts';
import { adoptIntoState, forgetInState } from '../../stacks/adopt.ts';
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

async function stackOf(
  directory: string,
  takeover: DnsTakeover | undefined,
  outputs: Record<string, string>,
) {
  const projectName = 'takeover';
  return automation.LocalWorkspace.createOrSelectStack(
    {
      stackName: 'dns',
      projectName,
      program: async () => {
        const records = await loadRecordMaker(plan, takeover?.places ?? new Map());
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

/** What a takeover uses of a session, with the engine's state of this directory. */
const sessionOf = (directory: string) => ({
  environment,
  engine: {
    async forgetRecords(names: string[]) {
      const stack = await stackOf(directory, undefined, values);
      const exported = await stack.exportStack();
      await stack.importStack({
        ...exported,
        deployment: forgetInState(exported.deployment as Deployment, names),
      });
    },
  },
});

/** The next command in this directory. */
const nextCommand = (directory: string) => settleTakeovers(directory, plan.haven.id, sessionOf(directory));

/** `haven up`, as far as DNS goes; its end is left to the next command where it was killed. */
async function up(directory: string, answers: Partial<ConflictAnswers>, outputs = values, isKilled = false) {
  const takeover = new DnsTakeover(
    directory,
    plan,
    await answeredConflicts(environment, answers),
    sessionOf(directory),
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
  const beforeEnd = contents();
  const ended = isKilled ? await nextCommand(directory) : await takeover.end(failure === undefined);
  return { beforeUp, beforeEnd, failure, ...ended };
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
const old = { id: 'a'.repeat(32), name: `haven.${zone}`, type: 'A', content: '198.51.100.8' };

/** The records of a zone with all that their owner set. */
const look = (): string[] =>
  records()
    .map(({ id: _id, created_on: _created, modified_on: _modified, ...rest }) => JSON.stringify(rest))
    .sort();
const theirs = (): string[] => look().filter((each) => !each.includes(recordMark(plan.haven.id)));

async function changes(directory: string): Promise<string[]> {
  const { changeSummary } = await (await stackOf(directory, undefined, values)).preview({ refresh: true });
  return Object.keys(changeSummary);
}

const destroy = async (directory: string) =>
  (await stackOf(directory, undefined, values)).destroy({ refresh: true });

const answers = { replace: [`${www} CNAME`], adopt: [`haven.${zone} A`] };

test('the engine clears a place when it makes the record; where the next is refused all is put back; a plan afterwards shows no change', async () => {
  const directory = await begin('refused', [alias, old]);
  const before = look();
  const failed = await up(directory, answers, { ...values, ipv6: 'no address' });
  assert.deepEqual(failed.beforeUp, [`haven.${zone} A 198.51.100.8`, shop], 'a preview changes nothing');
  assert.match(failed.failure ?? '', /valid IPv6 address/);
  const putBack = failed.putBack.map((each) => each.content);
  assert.ok(putBack.includes('shop.example.'), String(putBack));
  assert.deepEqual(theirs(), before, 'all that the owner had says what it said');

  const done = await up(directory, answers);
  assert.deepEqual([done.failure, done.putBack, done.problems], [undefined, [], []]);
  assert.deepEqual(contents(), made);
  assert.equal(
    records().find((each) => each.id === old.id)?.content,
    values.ipv4,
    'adopted, and changed in place',
  );
  assert.deepEqual(await changes(directory), ['same']);
  await destroy(directory);
  assert.deepEqual(contents(), []);
});

const oldWww = {
  name: www,
  type: 'A',
  content: '198.51.100.9',
  ttl: 3600,
  proxied: true,
  comment: 'by my nephew',
};
const adoptWww = { adopt: [`${www} A`] };

test('an adopted record is changed in place, marked, and a plan afterwards shows no change', async () => {
  const directory = await begin('adopted', [oldWww]);
  const { id } = records()[0]!;
  const done = await up(directory, adoptWww);
  assert.deepEqual(done.beforeUp, [`${www} A 198.51.100.9`], 'a preview changes nothing');
  assert.deepEqual([done.failure, done.putBack, done.problems], [undefined, [], []]);
  assert.deepEqual(contents(), made);
  const { content, ttl, proxied, comment } = records().find((each) => each.id === id)!;
  assert.deepEqual([content, ttl, proxied, comment], [values.ipv4, 300, false, recordMark(plan.haven.id)]);
  assert.deepEqual(await changes(directory), ['same']);
  assert.deepEqual(await nextCommand(directory), { putBack: [], problems: [] });
});

for (const isKilled of [false, true])
  test(`a record adopted by an up that ${isKilled ? 'was killed' : 'failed'} is as it was, and destroy leaves it`, async () => {
    // Another record just like the one of the certificate, so that ours is refused once the address was changed.
    const sameCaa = { name: www, type: 'CAA', data: { flags: 0, tag: 'issue', value: 'ca.example' } };
    const directory = await begin(isKilled ? 'killed' : 'failed', [oldWww, sameCaa]);
    const before = look();
    const failed = await up(directory, adoptWww, values, isKilled);
    assert.match(failed.failure ?? '', /An identical record already exists/);
    assert.ok(failed.beforeEnd.includes(`${www} A ${values.ipv4}`), 'it was changed');
    assert.deepEqual(
      failed.putBack.map((each) => each.content),
      ['198.51.100.9'],
    );
    assert.deepEqual(theirs(), before);
    assert.deepEqual(
      (await answeredConflicts(environment, {})).map((each) => each.key),
      [`${www} A`, `${www} CAA`],
      'the next plan asks again',
    );
    await destroy(directory);
    assert.deepEqual(look(), before);
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
