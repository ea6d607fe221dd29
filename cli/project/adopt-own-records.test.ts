import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { recordMark } from '../../core/dns/record.ts';
import { listenCloudflareEmulator } from '../../sandbox/emulators/cloudflare/listen.ts';
import type { DnsRecord } from '../../sandbox/emulators/cloudflare/state.ts';
import type { AdoptedResource } from '../../stacks/adopt.ts';
import { zonePlan as plan, www, zone } from '../../test/support/zone-to-take-over.ts';
import { adoptOwnRecords, type RecordsSession } from './adopt-own-records.ts';

/** The zone is at an emulator in this process; of the engine only its state is imitated. */
const mark = recordMark(plan.haven.id);
const ours = (name: string, type: string, content: string, id?: string): Partial<DnsRecord> => ({
  ...{ name, type, content, ttl: 300, comment: mark },
  ...(id === undefined ? {} : { id }),
});
const tlsa = (certificate: string): Partial<DnsRecord> => ({
  name: `_443._tcp.${www}`,
  type: 'TLSA',
  ttl: 300,
  comment: mark,
  data: { usage: 3, selector: 1, matching_type: 1, certificate },
});

async function begin(t: TestContext, records: Partial<DnsRecord>[], inState: Record<string, number> = {}) {
  const emulator = await listenCloudflareEmulator({ zones: { [zone]: records }, log: () => undefined });
  t.after(() => emulator.close());
  const adopted = new Map<string, AdoptedResource>();
  const known = Object.entries(inState).map(([name, index]) => ({
    name,
    id: emulator.state.zones[0]!.records[index]!.id,
  }));
  const engine: RecordsSession['engine'] = {
    resources: async () =>
      known.map((each) => ({ ...each, type: '', inputs: {}, outputs: {}, isProtected: false })),
    adoptRecords: async (more) => {
      for (const [name, record] of more) adopted.set(name, record);
    },
  };
  const environment = { CLOUDFLARE_BASE_URL: emulator.url, CLOUDFLARE_API_TOKEN: emulator.token };
  const look = () =>
    emulator.state.zones[0]!.records.map(({ name, type, content }) => `${name} ${type} ${content}`).sort();
  return { emulator, adopted, look, session: { plan, environment, engine } };
}

const theirs = { name: zone, type: 'MX', content: 'mx.example', priority: 10 };

test('a record of ours becomes the planned one; nobody else’s does, and nothing is changed', async (t) => {
  const records = [
    ours(www, 'A', '198.51.100.7'),
    { name: www, type: 'AAAA', content: '2001:db8::7', comment: 'haven another' },
    theirs,
  ];
  const { emulator, adopted, look, session } = await begin(t, records);
  const before = look();
  const left = await adoptOwnRecords(session);
  const zoneState = emulator.state.zones[0]!;
  assert.deepEqual(
    [...adopted],
    [
      [
        `dns-a-${www}`,
        {
          type: 'cloudflare:index/dnsRecord:DnsRecord',
          version: '6.22.1',
          id: zoneState.records[0]!.id,
          inputs: { zoneId: zoneState.id },
        },
      ],
    ],
  );
  assert.deepEqual([...left.places], [[`dns-a-${www}`, {}]], 'it waits for the server');
  assert.deepEqual(await left.removeLeft(), []);
  assert.deepEqual(look(), before);
});

test('what the state has is neither adopted nor removed', async (t) => {
  const records = [ours(www, 'A', '198.51.100.7')];
  const { adopted, look, session } = await begin(t, records, { [`dns-a-${www}`]: 0 });
  const left = await adoptOwnRecords(session);
  assert.equal(adopted.size, 0);
  assert.deepEqual(await left.removeLeft(), []);
  assert.equal(look().length, 1);
});

test('after an interruption, an old record beside the new one is left over, and the new one stays', async (t) => {
  const records = [ours(www, 'A', '198.51.100.7'), ours(www, 'A', '198.51.100.1')];
  const { look, session } = await begin(t, records, { [`dns-a-${www}`]: 1 });
  const left = await adoptOwnRecords(session);
  assert.deepEqual(await left.removeLeft(), [
    `The DNS record ${www} A 198.51.100.7, which this cloud made earlier, was removed: nothing in the plan needs it.`,
  ]);
  assert.deepEqual(look(), [`${www} A 198.51.100.1`]);
});

test('what is left over is removed at the end, and a failure is reported', async (t) => {
  const { emulator, look, session } = await begin(t, [ours(`old.${zone}`, 'A', '198.51.100.7'), theirs]);
  const left = await adoptOwnRecords(session);
  assert.equal(look().length, 2, 'nothing goes before the end');
  await emulator.setFaults({ failNext: 1 });
  assert.match(
    (await left.removeLeft())[0]!,
    /old\.firma\.example A 198\.51\.100\.7.*could not be removed: Cloudflare answers 500.*Remove it at your DNS provider\.$/,
  );
  const again = await adoptOwnRecords(session);
  assert.match((await again.removeLeft())[0]!, /was removed/);
  assert.deepEqual(look(), [`${zone} MX mx.example`]);
});

test('two of a kind make way for the new ones once, right before the first is created', async (t) => {
  const { adopted, look, session } = await begin(t, [tlsa('aa'), tlsa('bb'), theirs]);
  const twins = plan.records.filter(({ type }) => type === 'TLSA');
  assert.ok(twins.length >= 2, 'the plan has two of a kind');
  const left = await adoptOwnRecords(session);
  assert.equal(adopted.size, 0);
  assert.equal(look().length, 3);
  const clears = [...left.places.values()].flatMap(({ clear }) => clear ?? []);
  await Promise.all(clears.map((clear) => clear()));
  assert.deepEqual(look(), [`${zone} MX mx.example`]);
});
