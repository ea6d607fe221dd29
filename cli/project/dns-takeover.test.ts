import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock, type TestContext, test } from 'node:test';
import { CloudflareApi } from '../../components/cloudflare/api.ts';
import type { ConflictAnswers } from '../../core/dns/conflicts.ts';
import { type PlannedRecord, recordKey, recordMark } from '../../core/dns/record.ts';
import {
  type CloudflareEmulator,
  listenCloudflareEmulator,
} from '../../sandbox/emulators/cloudflare/listen.ts';
import type { DnsRecord } from '../../sandbox/emulators/cloudflare/state.ts';
import { scratch } from '../../test/support/scratch.ts';
import { answeredConflicts, zonePlan as plan, www, zone } from '../../test/support/zone-to-take-over.ts';
import { DnsTakeover, settleTakeovers } from './dns-takeover.ts';
import { keepZones } from './keep-zones.ts';

/** The zone is at an emulator in this process. Of the engine only the order of its calls is imitated (`createRecords`). */
const mark = recordMark(plan.haven.id);
const alias = {
  name: www,
  type: 'CNAME',
  content: 'shop.example',
  ttl: 1,
  proxied: true,
  comment: 'my shop',
};
const oldAddresses = [
  { name: www, type: 'A', content: '198.51.100.8', ttl: 3600 },
  { name: www, type: 'AAAA', content: '2001:db8::8', ttl: 3600, comment: 'by my nephew' },
];
const mail = { name: zone, type: 'MX', content: 'mx.example', priority: 10 };

const folder = scratch('takeover');
let worlds = 0;

interface World {
  emulator: CloudflareEmulator;
  environment: Record<string, string>;
  directory: string;
  /** Adopted records in the engine's state: the id of each, by the name of its resource. */
  state: Map<string, string>;
  engine: { forgetRecords(names: string[]): Promise<void> };
}

async function begin(records: Partial<DnsRecord>[]): Promise<World> {
  const emulator = await listenCloudflareEmulator({ zones: { [zone]: records }, log: () => undefined });
  const environment = { CLOUDFLARE_BASE_URL: emulator.url, CLOUDFLARE_API_TOKEN: emulator.token };
  const state = new Map<string, string>();
  const engine = {
    forgetRecords: async (names: string[]) => {
      for (const name of names) state.delete(name);
    },
  };
  return { emulator, environment, directory: join(folder, String(worlds++)), state, engine };
}

/** The zone as its owner compares it: everything but when it was written, and under which number. */
const look = ({ emulator }: World): string[] =>
  emulator.state.zones[0]!.records.map(({ id: _id, created_on: _created, modified_on: _modified, ...rest }) =>
    JSON.stringify(rest),
  ).sort();
const ours = ({ emulator }: World): string[] =>
  emulator.state.zones[0]!.records.filter((each) => each.comment === mark).map(
    (each) => `${each.name} ${each.type}`,
  );

/** Everything that is planned at the name: only together do they finish a removal. */
const plannedAtWww = plan.records
  .filter((each) => each.name === www)
  .map((each) => `${each.name} ${each.type}`)
  .sort();

const conflictsIn = ({ environment }: World, answers: Partial<ConflictAnswers>) =>
  answeredConflicts(environment, answers);

/**
 * What the engine does: for each record first what clears its place, then the record; those of a stage side by side. One
 * in its state is changed in place.
 */
async function createRecords(takeover: DnsTakeover, { environment, emulator, state }: World): Promise<void> {
  const api = new CloudflareApi(environment);
  const { id } = emulator.state.zones[0]!;
  const create = async (record: PlannedRecord): Promise<void> => {
    await takeover.places.get(recordKey(record))?.clear?.();
    const { name, type } = record;
    const known = state.get(recordKey(record));
    const body = { name, type, ttl: 300, proxied: false, ...saysOf(record), comment: mark };
    const path = `zones/${id}/dns_records`;
    await (known ? api.call('PUT', `${path}/${known}`, body) : api.call('POST', path, body));
  };
  for (const stage of ['early', 'live']) {
    const records = plan.records.filter((each) => each.stage === stage);
    const made = await Promise.allSettled(records.map(create));
    for (const each of made) if (each.status === 'rejected') throw each.reason;
  }
}

function saysOf(record: PlannedRecord): object {
  switch (record.type) {
    case 'CAA':
      return { data: { flags: 0, tag: record.tag, value: 'ca.example' } };
    case 'TLSA':
      return {
        data: { usage: 3, selector: 1, matching_type: 1, certificate: record.slot === 'a' ? 'aa' : 'bb' },
      };
    default:
      return { content: record.type === 'A' ? '198.51.100.1' : '2001:db8::1' };
  }
}

/** `haven up`, as far as DNS goes. Answers with what it says at its end. */
async function up(world: World, answers: Partial<ConflictAnswers>) {
  const takeover = new DnsTakeover(world.directory, plan, await conflictsIn(world, answers), world);
  for (const [name, { id }] of await takeover.adopt()) world.state.set(name, id);
  let succeeded = true;
  try {
    await createRecords(takeover, world);
  } catch (error) {
    if (error instanceof Killed) throw error;
    succeeded = false;
  }
  return { succeeded, ...(await takeover.end(succeeded)) };
}

/** The next `haven plan`, in a process of its own. */
const nextPlan = (world: World) => settleTakeovers(world.directory, plan.haven.id, world);

class Killed extends Error {}
type Fault = 'refused' | 'answer lost' | 'killed before' | 'killed after';

/** Makes the call of this number fail. Answers with the methods of all calls. */
function failAt(number: number, fault: Fault): { methods: string[]; stop(): void } {
  const methods: string[] = [];
  let isKilled = false;
  const real = globalThis.fetch;
  const failing = mock.method(globalThis, 'fetch', async (...request: Parameters<typeof fetch>) => {
    if (isKilled) throw new Killed();
    if (methods.push(request[1]?.method ?? 'GET') - 1 !== number) return real(...request);
    if (fault === 'refused') return new Response('{"errors":[{"message":"told to fail"}]}', { status: 500 });
    isKilled = fault.startsWith('killed');
    if (fault !== 'killed before') await real(...request);
    throw isKilled ? new Killed() : new TypeError('fetch failed');
  });
  return { methods, stop: () => failing.mock.restore() };
}

const journal = ({ directory }: World): string => join(directory, '.haven', 'dns-takeovers.json');

test('replaces a CNAME once, although an A, an AAAA and a CAA need its place', async (t: TestContext) => {
  const world = await begin([alias, mail]);
  t.after(() => world.emulator.close());
  const requests = failAt(Number.POSITIVE_INFINITY, 'refused');
  const done = await up(world, { replace: [`${www} CNAME`] });
  requests.stop();
  assert.equal(requests.methods.filter((each) => each === 'DELETE').length, 1);
  assert.deepEqual(done, { succeeded: true, putBack: [], problems: [] });
  assert.deepEqual(
    ours(world)
      .filter((each) => each.startsWith(www))
      .sort(),
    plannedAtWww,
  );
  assert.equal(look(world).length, plan.records.length + 1, 'its mail is left, its alias is gone');
  assert.ok(!existsSync(journal(world)));
});

const addresses = [`${www} A`, `${www} AAAA`];
const zones: [string, Partial<DnsRecord>[], Partial<ConflictAnswers>][] = [
  ['a CNAME', [alias, mail], { replace: [`${www} CNAME`] }],
  ['two addresses', [...oldAddresses, mail], { replace: addresses }],
  ['two adopted addresses', [...oldAddresses, mail], { adopt: addresses }],
];
const faults: Fault[] = ['refused', 'answer lost', 'killed before', 'killed after'];

for (const [what, records, answers] of zones)
  for (const fault of faults)
    test(`${what} at www survives each call to the DNS provider that is ${fault}`, async () => {
      let points = 0;
      for (let number = 0; ; number++) {
        const world = await begin(records);
        try {
          const before = look(world);
          const faulty = failAt(number, fault);
          const result = await up(world, answers).catch((error: unknown) => error);
          faulty.stop();
          if (faulty.methods.length <= number) {
            assert.ok(!(result instanceof Error), String(result));
            break;
          }
          points++;
          const said = await nextPlan(world);
          assert.deepEqual(said.problems, []);
          assert.ok(!existsSync(journal(world)), `${fault} at call ${number}: nothing is left to settle`);
          const made = ours(world).filter((each) => plannedAtWww.includes(each));
          const complete = made.length === plannedAtWww.length;
          const now = look(world);
          const theirs = before.filter((each) => now.includes(each));
          if (complete && theirs.length < before.length)
            assert.deepEqual(
              theirs,
              before.filter((each) => each.includes('"MX"')),
              'all of ours, and their mail',
            );
          else assert.deepEqual(theirs, before, `${fault} at call ${number}: the zone is as it was`);
          // And it goes on from there.
          const isOurs = complete && theirs.length < before.length;
          const unfinished = (await conflictsIn(world, {})).map((each) => each.key);
          assert.deepEqual(unfinished.toSorted(), isOurs ? [] : (answers.replace ?? answers.adopt));
          assert.equal(
            world.state.size,
            isOurs ? (answers.adopt?.length ?? 0) : 0,
            'in the state is what is ours',
          );
        } finally {
          await world.emulator.close();
        }
      }
      assert.ok(points > 8, `${points} points`);
    });

test('a record is written down before it goes, so no moment has neither', async (t) => {
  const world = await begin([alias]);
  t.after(() => world.emulator.close());
  const real = globalThis.fetch;
  let gaps = 0;
  t.mock.method(globalThis, 'fetch', async (...request: Parameters<typeof fetch>) => {
    const answer = await real(...request);
    const isThere = look(world).some((each) => each.includes('CNAME'));
    if (!isThere && !ours(world).includes(`${www} CAA`)) {
      gaps++;
      assert.match(readFileSync(journal(world), 'utf8'), /shop\.example/);
    }
    return answer;
  });
  assert.equal((await up(world, { replace: [`${www} CNAME`] })).succeeded, true);
  assert.ok(gaps > 0);
});

test('reports a record that cannot be put back now, and the next plan puts it back', async (t) => {
  const world = await begin([alias]);
  t.after(() => world.emulator.close());
  const before = look(world);
  const takeover = new DnsTakeover(
    world.directory,
    plan,
    await conflictsIn(world, { replace: [`${www} CNAME`] }),
    world,
  );
  await takeover.places.get(`dns-a-${www}`)!.clear!();
  assert.deepEqual(look(world), []);
  await world.emulator.setFaults({ failNext: 1 });
  const failed = await takeover.end(false);
  assert.match(
    failed.problems[0]!.what,
    /your record \(shop\.example\.\) was removed and could not be put back yet: Cloudflare answers 500/,
  );
  assert.equal(failed.problems[0]!.remedy, 'Run: haven plan');
  assert.deepEqual(
    (await nextPlan(world)).putBack.map((each) => each.content),
    ['shop.example.'],
  );
  assert.deepEqual(look(world), before);
});

test('a record that does not exclude ours is removed last, and one that is gone already is a success', async (t) => {
  const world = await begin([
    { ...oldAddresses[0], comment: mark },
    { ...oldAddresses[0], content: '198.51.100.9' },
  ]);
  t.after(() => world.emulator.close());
  const takeover = new DnsTakeover(
    world.directory,
    plan,
    await conflictsIn(world, { replace: [`${www} A`] }),
    world,
  );
  assert.equal(look(world).length, 2, 'nothing goes before the end');
  const gone = world.emulator.state.zones[0]!;
  gone.records = gone.records.filter((each) => each.comment === mark);
  assert.deepEqual(await takeover.end(true), { putBack: [], problems: [] });
  assert.equal(look(world).length, 1);
});

test('an adopted record stays as it is until the engine changes it in place, and is put back with all that it said', async (t) => {
  const [address, other] = oldAddresses;
  const world = await begin([{ ...address, proxied: true, ttl: 1, comment: 'by my nephew' }, other!]);
  t.after(() => world.emulator.close());
  const before = look(world);
  const [first] = world.emulator.state.zones[0]!.records;
  const conflicts = await conflictsIn(world, { adopt: [`${www} A`, `${www} AAAA`] });
  const takeover = new DnsTakeover(world.directory, plan, conflicts, world);
  const adopted = await takeover.adopt();
  assert.deepEqual([...adopted.keys()], [`dns-a-${www}`, `dns-aaaa-${www}`]);
  assert.deepEqual(adopted.get(`dns-a-${www}`), {
    type: 'cloudflare:index/dnsRecord:DnsRecord',
    version: '6.22.1',
    id: first!.id,
    inputs: { zoneId: world.emulator.state.zones[0]!.id },
  });
  assert.deepEqual(look(world), before);
  assert.deepEqual(
    [...takeover.places.keys()],
    [`dns-a-${www}`, `dns-aaaa-${www}`],
    'both wait for the server',
  );
  world.state.set(`dns-a-${www}`, first!.id);
  const path = `zones/${world.emulator.state.zones[0]!.id}/dns_records/${first!.id}`;
  const changed = { name: www, type: 'A', content: '198.51.100.1', ttl: 300, comment: mark };
  await new CloudflareApi(world.environment).call('PUT', path, changed);
  await world.emulator.setFaults({ failNext: 2 });
  assert.match(
    (await takeover.end(false)).problems[0]!.what,
    /your record \(198\.51\.100\.8\) was changed and could not be put back yet: Cloudflare answers 500/,
  );
  assert.deepEqual(
    (await nextPlan(world)).putBack.map((each) => each.content),
    ['198.51.100.8'],
  );
  assert.deepEqual(look(world), before);
  assert.equal(world.emulator.state.zones[0]!.records.find((each) => each.type === 'A')?.id, first!.id);
  assert.equal(world.state.size, 0);
});

test('a zone is kept before the first change, and again before a record goes that no copy has', async (t) => {
  const world = await begin([alias]);
  t.after(() => world.emulator.close());
  const folder = join(world.directory, 'before.zone');
  const keep = async () => {
    const toLose = (await conflictsIn(world, {})).map((each) => each.existing);
    await keepZones(world.directory, plan, world.environment, toLose);
    return readdirSync(folder);
  };
  assert.deepEqual(await keep(), [`${zone}.zone`]);
  assert.match(
    readFileSync(join(folder, `${zone}.zone`), 'utf8'),
    /www\.firma\.example\. 300 IN CNAME shop\.example\./,
  );
  assert.equal((await keep()).length, 1, 'it has that record');
  await world.emulator.registerZone(zone, oldAddresses);
  assert.equal((await keep()).length, 2, 'the zone has changed since');
  assert.equal((await keep()).length, 2);
});
