import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { type PlannedRecord, type RecordShape, recordContent, recordKey } from '../core/dns/record.ts';
import { listenCloudflareEmulator } from '../sandbox/emulators/cloudflare/listen.ts';
import { loadRecordMaker } from '../stacks/records.ts';
import { projectRoot } from '../system/project-root.ts';
import { CloudflareApi } from './cloudflare/api.ts';
import { dnsProvider, dnsProviderFacts, dnsProviders, openZones } from './dns-providers.ts';

test('the folder is the list of DNS providers', () => {
  const files = globSync('components/dns-providers/*.ts', { cwd: projectRoot });
  assert.deepEqual([...dnsProviders.keys()], files.map((file) => basename(file, '.ts')).sort());
  assert.throws(() => dnsProvider('cloudfare'), /There are: cloudflare, /);
  assert.deepEqual([...openZones([{ name: 'a.example', dns: 'manual' }], {})], [], 'nothing to look at');
});

test('nothing else in the program knows a DNS provider by name', () => {
  const program = ['agent', 'cli', 'components', 'core', 'services', 'stacks', 'system'];
  const files = program.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: projectRoot }));
  // What starts and looks at the sandbox knows which emulators it has.
  const mayName =
    /\.test\.ts$|^components\/(dns-providers\/|cloudflare\/)|^cli\/commands\/sandbox\/|^cli\/project\/providers/;
  const naming = files
    .filter((file) => !mayName.test(file))
    .filter((file) => {
      const code = readFileSync(`${projectRoot}/${file}`, 'utf8').replaceAll(
        /\/\*\*[\s\S]*?\*\/|\/\/.*/g,
        '',
      );
      return [...dnsProviders.keys()].some((id) => new RegExp(`['"\`./]${id}['"\`./:]`).test(code));
    });
  assert.deepEqual(naming, []);
});

test('each provider has a description and a resource of its own: plans and haven.yaml tell them apart', () => {
  const all = (of: (each: (typeof dnsProviderFacts)[number]) => string) =>
    assert.equal(new Set(dnsProviderFacts.map(of)).size, dnsProviderFacts.length);
  all((each) => each.description);
  all((each) => each.title);
  all((each) => each.resource.type);
  const secrets = dnsProviderFacts.flatMap(({ token }) => token ?? []);
  for (const key of ['issuer', 'variable', 'secret'] as const)
    assert.equal(new Set(secrets.map((each) => each[key])).size, secrets.length, key);
});

for (const { id, open, token, variables = [] } of dnsProviderFacts)
  if (open)
    test(`${id} reads its own variables and no others`, async (t) => {
      const read = new Set<string>();
      const environment = new Proxy<Record<string, string | undefined>>(
        {},
        {
          get: (_, name) => {
            read.add(String(name));
            return undefined;
          },
        },
      );
      t.mock.method(globalThis, 'fetch', async () => new Response('{"errors":[]}', { status: 403 }));
      await assert.rejects(open(environment).records('example.org'));
      const own = [token?.variable, ...variables];
      assert.deepEqual(
        [...read].filter((each) => !own.includes(each)),
        [],
      );
      assert.ok(token && read.has(token.variable));
    });

test('a resource is of the version of its package that is installed', () => {
  const { dependencies } = JSON.parse(readFileSync(`${projectRoot}/package.json`, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const { id, resource } of dnsProviderFacts) {
    const name = `@pulumi/${resource.type.split(':')[0]}`;
    if (!resource.type.startsWith('haven:')) assert.equal(resource.version, dependencies[name], id);
  }
});

/** One record of each type, as Cloudflare's API takes it. */
const shapes: [RecordShape, string, object][] = [
  [{ type: 'A' }, '192.0.2.1', { content: '192.0.2.1' }],
  [{ type: 'CNAME' }, 'www.example.net', { content: 'www.example.net' }],
  [{ type: 'MX', priority: 10 }, 'mx.example.net', { content: 'mx.example.net', priority: 10 }],
  [{ type: 'TXT' }, 'v=spf1 -all', { content: 'v=spf1 -all' }],
  [
    { type: 'SRV', priority: 0, weight: 5, port: 993 },
    'mail.example.net',
    { data: { priority: 0, weight: 5, port: 993, target: 'mail.example.net' } },
  ],
  [
    { type: 'CAA', flags: 0, tag: 'iodef' },
    'mailto:a@example.net',
    { data: { flags: 0, tag: 'iodef', value: 'mailto:a@example.net' } },
  ],
  [
    { type: 'TLSA', usage: 3, selector: 1, matchingType: 1 },
    'ab12',
    { data: { usage: 3, selector: 1, matching_type: 1, certificate: 'ab12' } },
  ],
];

for (const [shape, value, body] of shapes)
  test(`reads a ${shape.type} record of Cloudflare as it would write one, and puts it back as it was`, async (t) => {
    const emulator = await listenCloudflareEmulator({ zones: { 'example.org': [] }, log: () => undefined });
    t.after(() => emulator.close());
    const environment = { CLOUDFLARE_BASE_URL: emulator.url, CLOUDFLARE_API_TOKEN: emulator.token };
    const path = `zones/${emulator.state.zones[0]!.id}/dns_records`;
    const record = { name: 'x.example.org', type: shape.type, ttl: 600, comment: 'mine', ...body };
    await new CloudflareApi(environment).call('POST', path, record);

    const zones = dnsProvider('cloudflare').open!(environment);
    const [found] = await zones.records('example.org');
    assert.equal(found!.content, recordContent(shape, value));
    await zones.remove(found!);
    await zones.remove(found!);
    assert.deepEqual(await zones.records('example.org'), []);
    await zones.putBack(found!);
    const [again] = await zones.records('example.org');
    const same = ({ content, ttlSeconds, comment, name, type }: typeof again & object) => ({
      content,
      ttlSeconds,
      comment,
      name,
      type,
    });
    assert.deepEqual(same(again!), same(found!));
  });

/** The resource that a provider makes of a record, as the engine is told of it. */
async function resourceOf(provider: string, record: PlannedRecord): Promise<pulumi.runtime.MockResourceArgs> {
  let made: pulumi.runtime.MockResourceArgs | undefined;
  await pulumi.runtime.setMocks({
    newResource: (args) => {
      made = args;
      return { id: 'made', state: args.inputs as Record<string, unknown> };
    },
    call: () => ({ zoneId: 'the-zone' }),
  });
  const zones = [{ name: record.zone, dns: provider }];
  const owner = { name: 'Ada', email: 'ada@example.org' };
  const haven = { id: 'example-1234', domain: record.zone, owner };
  const resource = (await loadRecordMaker({ zones, haven }, new Map())).create(record, {}, []);
  await new Promise((resolve) => resource.urn.apply(resolve));
  return made!;
}

for (const { id, resource } of dnsProviderFacts)
  for (const [shape, value] of shapes)
    test(`a resource of ${id} says what a ${shape.type} record says, with nothing guessed`, async () => {
      const name = 'x.example.org';
      const record = {
        ...shape,
        name,
        zone: 'example.org',
        value,
        ttlSeconds: 300,
        reason: 'r',
        stage: 'live',
      } as const;
      const made = await resourceOf(id, record);
      assert.deepEqual([made.type, made.name], [resource.type, recordKey(record)]);
      const content = recordContent(shape, value);
      assert.deepEqual(resource.describe(made.inputs as Record<string, unknown>), {
        name,
        type: shape.type,
        content,
      });
    });

test('after an interruption Cloudflare finds the record that was created, among others of its name and type', async (t) => {
  const emulator = await listenCloudflareEmulator({ zones: { 'example.org': [] }, log: () => undefined });
  t.after(() => emulator.close());
  const environment = { CLOUDFLARE_BASE_URL: emulator.url, CLOUDFLARE_API_TOKEN: emulator.token };
  const api = new CloudflareApi(environment);
  const zoneId = emulator.state.zones[0]!.id;
  const common = { name: 'x.example.org', type: 'CAA', ttl: 300, comment: 'mine' };
  const create = async (tag: string, value: string) =>
    (
      await api.call<{ id: string }>('POST', `zones/${zoneId}/dns_records`, {
        ...common,
        data: { flags: 0, tag, value },
      })
    ).id;
  const issue = await create('issue', 'ca.example');
  const iodef = await create('iodef', 'mailto:a@example.net');
  const find = (tag: string, value: string) =>
    dnsProvider('cloudflare').open!(environment).find({ ...common, zoneId, data: { flags: 0, tag, value } });
  assert.equal(await find('issue', 'ca.example'), issue);
  assert.equal(await find('iodef', 'mailto:a@example.net'), iodef);
  assert.equal(await find('issuemail', ';'), undefined);
});

test('what a resource does not know yet is empty', () => {
  const named = { name: 'x.example.org', type: 'TLSA' };
  for (const { resource } of dnsProviderFacts)
    assert.deepEqual(resource.describe(named), { ...named, content: '' });
  const data = { usage: 3, selector: 1, matchingType: 1, certificate: undefined };
  assert.equal(dnsProvider('cloudflare').resource.describe({ ...named, data: 'unknown' }).content, '');
  assert.equal(dnsProvider('cloudflare').resource.describe({ ...named, data }).content, '');
});
