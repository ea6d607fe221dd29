import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { dnsProviderFacts, openFronts } from '../../components/dns-providers.ts';
import { alarmsHandler } from '../../components/provider/alarms-handler.ts';
import { listenProvider, type ResourceHandler } from '../../components/provider/serve.ts';
import { setUpHandler } from '../../components/provider/set-up-handler.ts';
import { loadConfig } from '../../core/config/load-config.ts';
import { describeChange } from '../../core/plan/describe-change.ts';
import { buildPlan } from '../../core/plan/plan.ts';
import { generateSshKey } from '../../core/ssh-key.ts';
import { engineVersion } from '../../engine/engine-root.ts';
import { ensureEngine } from '../../engine/ensure-engine.ts';
import { listenCloudflareEmulator } from '../../sandbox/emulators/cloudflare/listen.ts';
import { listenHetznerEmulator } from '../../sandbox/emulators/hetzner/listen.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { Engine } from '../../stacks/engine.ts';
import { type EngineResult, releaseOf } from '../../stacks/engine-events.ts';
import { projectRoot } from '../../system/project-root.ts';
import { scratch } from '../support/scratch.ts';

/**
 * The real engine with the whole program, against emulators in this process. What a plan reads back right after `up`
 * has to equal what `up` created: otherwise the next change makes the engine read everything twice.
 */

/** What is only on a server: here it is as it was created, because no server is part of this test. */
const asCreated: ResourceHandler = {
  diff: () => ({ changed: [] }),
  create: async (inputs, preview) => ({
    id: preview ? '' : 'created',
    outputs: { ...inputs, keyA: 'aa', keyB: 'bb' },
  }),
  read: async (id, outputs, inputs) => ({ id, outputs, inputs }),
  update: async (_id, outputs) => outputs,
  delete: async () => undefined,
};

/** A release is changed when it has another hash. */
const release: ResourceHandler = {
  ...asCreated,
  diff: (_id, { hash }, inputs) => ({ changed: hash === inputs.hash ? [] : ['hash'] }),
  update: async (_id, outputs, inputs) => ({ ...outputs, ...inputs }),
};

/** What something else has changed on the server. */
let differs: string[] = [];
const setUp: ResourceHandler = {
  ...asCreated,
  diff: setUpHandler.diff,
  create: setUpHandler.create,
  read: async (id, outputs, inputs) => ({ id, inputs, outputs: { ...outputs, differs } }),
  update: async (_id, outputs, inputs, preview) => {
    if (!preview) differs = [];
    return { ...outputs, ...inputs, differs: [] };
  },
};

/** What the server was sent last. Its keys come back in another order than they were sent. */
let kept: Record<string, unknown> | undefined;
const alarms: ResourceHandler = {
  ...asCreated,
  diff: alarmsHandler.diff,
  create: async (inputs, preview) => {
    if (!preview) kept = inputs.ways as Record<string, unknown>;
    return { id: 'alarms', outputs: inputs };
  },
  read: async (id, outputs, inputs) =>
    kept && {
      id,
      inputs,
      outputs: { ...outputs, ways: Object.fromEntries(Object.entries(kept).reverse()) as typeof outputs },
    },
  update: async (_id, outputs, inputs, preview) => {
    if (!preview) kept = inputs.ways as Record<string, unknown>;
    return { ...outputs, ...inputs };
  },
  delete: async () => {
    kept = undefined;
  },
};

/** Domains besides the cloud's own, and the records of each. */
const dnsSizes: [number, number][] = [
  [1, 60],
  [9, 12],
];

test('a plan right after a cloud was created reads everything back as it was created', async (t) => {
  const engineRoot = await ensureEngine();
  const folder = scratch('after-creation');
  const hetzner = await listenHetznerEmulator({ log: () => undefined });
  /** Requests at Cloudflare, as `GET /zones/…`. */
  const asked: string[] = [];
  const cloudflare = await listenCloudflareEmulator({
    zones: { 'example.org': [] },
    log: (line) => asked.push(line.split(' ').slice(1, 3).join(' ')),
  });
  const environment = {
    HCLOUD_ENDPOINT: hetzner.url,
    HCLOUD_TOKEN: hetzner.token,
    CLOUDFLARE_BASE_URL: cloudflare.url,
    CLOUDFLARE_API_TOKEN: cloudflare.token,
  };
  const front = await openFronts(['cloudflare', 'manual'], environment);
  Object.assign(process.env, environment, front.variables);
  const { cloudflarePlugin } = await import('../../sandbox/plugins/cloudflare.ts');
  const { hcloudPlugin } = await import('../../sandbox/plugins/hcloud.ts');
  const onServer = (name: string, ...types: string[]) => ({
    name,
    version: '0.0.0',
    resources: Object.fromEntries(types.map((each) => [each, asCreated])),
  });
  const providers = {
    hcloud: await listenProvider(hcloudPlugin),
    cloudflare: await listenProvider(cloudflarePlugin),
    command: await listenProvider(onServer('command', 'command:remote:Command')),
    haven: await listenProvider({
      ...onServer('haven', 'haven:index:Certificate'),
      resources: {
        'haven:index:Agent': asCreated,
        'haven:index:SetUp': setUp,
        'haven:index:Alarms': alarms,
        'haven:index:Certificate': asCreated,
        'haven:index:Release': release,
      },
    }),
  };
  t.after(async () => {
    for (const each of Object.values(providers)) each.close();
    await front.close();
    await hetzner.close();
    await cloudflare.close();
  });

  const catalogue = await loadCatalogue();
  const config = loadConfig(
    `${readFileSync(`${projectRoot}/haven.example.yaml`, 'utf8')}\nalarms:\n  ntfy: https://ntfy.sh\n  webhook: true\n`,
    catalogue,
    dnsProviderFacts,
  );
  let plan = buildPlan(config, catalogue, {
    version: 2,
    images: {
      'reverse-proxy': { caddy: 'openhaven/caddy:golden', haproxy: 'openhaven/haproxy:golden' },
      website: { web: 'openhaven/caddy:golden' },
    },
  });
  const key = generateSshKey('haven');
  mkdirSync(join(folder, 'state'), { recursive: true });
  writeFileSync(join(folder, 'passphrase'), 'x');
  const engine = await Engine.open(
    {
      engineRoot,
      engineVersion,
      havenId: plan.haven.id,
      backend: pathToFileURL(join(folder, 'state')).href,
      pulumiHome: join(folder, 'home'),
      passphraseFile: join(folder, 'passphrase'),
      runFolder: folder,
      environment,
      emulatedPlugins: `${projectRoot}/sandbox/plugins/bin`,
      listening: Object.fromEntries(Object.entries(providers).map(([name, { port }]) => [name, port])),
      front,
    },
    () => ({
      plan,
      sshKey: key,
      hostKey: key,
      agentSha256: '',
      acme: { directory: 'd', accountUrl: 'a', caaIdentity: 'ca.example', isReplaced: false },
      taken: new Map(),
    }),
  );
  const created = await engine.up(() => undefined, { refresh: false });
  assert.deepEqual(created.errors, []);
  const { errors, changes, drifted } = await engine.preview();
  assert.deepEqual([errors, changes.filter((each) => each.kind !== 'keep')], [[], []]);
  assert.deepEqual(drifted, []);
  assert.ok(engine.isVerified);

  const changed = (result: EngineResult) =>
    result.changes.filter((each) => each.kind !== 'keep').map((each) => `${each.kind} ${each.name}`);

  await t.test(
    'a new secret of an alarm changes the alarms alone, and without a way they are removed',
    async () => {
      const { alarms, ...without } = plan;
      plan = { ...plan, alarms: { ...alarms!, secrets: { ...alarms!.secrets, 'alarm-ntfy-topic': 2 } } };
      const preview = await engine.preview();
      assert.deepEqual(changed(preview), ['update alarms']);
      const [change] = preview.changes.filter(({ kind }) => kind !== 'keep');
      assert.equal(describeChange(change!, plan).detail, 'changed: alarm-ntfy-topic');
      await engine.up(() => undefined, { refresh: false });
      assert.equal((kept?.secrets as Record<string, number> | undefined)?.['alarm-ntfy-topic'], 2);
      assert.deepEqual(changed(await engine.preview()), []);
      plan = without;
      assert.deepEqual(changed(await engine.up(() => undefined, { refresh: false })), ['delete alarms']);
      assert.equal(kept, undefined);
      plan = { ...without, alarms: alarms! };
      await engine.up(() => undefined, { refresh: false });
    },
  );

  await t.test(
    'what something else changed on the server is set up again, and nothing else changes',
    async () => {
      differs = ['haven-users.timer (disabled)'];
      const preview = await engine.preview();
      assert.deepEqual(changed(preview), ['update set-up']);
      const [change] = preview.changes.filter(({ kind }) => kind !== 'keep');
      assert.deepEqual(change?.differs, differs);
      assert.equal(engine.isVerified, false, 'so it is read back once more before it is put right');
      assert.deepEqual(changed(await engine.up(() => undefined, { refresh: true })), ['update set-up']);
      assert.deepEqual(changed(await engine.preview()), []);
      assert.ok(engine.isVerified);
    },
  );

  await t.test(
    'a plan without a change asks Cloudflare two things of each zone, however many records it has',
    async () => {
      const original = plan;
      const address = plan.records.find(({ type }) => type === 'A')!;
      /** A plan with other domains besides, each with so many records. */
      const withDomains = async (count: number, recordsEach: number) => {
        const names = Array.from({ length: count }, (_, n) => `domain${n}.example`);
        for (const name of names) await cloudflare.registerZone(name);
        const records = names.flatMap((zone) =>
          Array.from({ length: recordsEach }, (_, n) => ({ ...address, zone, name: `host${n}.${zone}` })),
        );
        const zones = names.map((name) => ({ name, dns: 'cloudflare' }));
        return {
          ...original,
          zones: [...original.zones, ...zones],
          records: [...original.records, ...records],
        };
      };
      const requests = async (work: () => Promise<EngineResult>) => {
        asked.length = 0;
        const began = Date.now();
        assert.deepEqual(changed(await work()), []);
        return { count: asked.length, ms: Date.now() - began };
      };
      const noChange = () => engine.up(() => undefined, { refresh: true });
      const alone = await requests(() => engine.preview());
      for (const [domains, recordsEach] of dnsSizes) {
        plan = await withDomains(domains, recordsEach);
        const made = changed(await engine.up(() => undefined, { refresh: true }));
        assert.equal(made.filter((each) => each.startsWith('create ')).length, domains * recordsEach);
        const [planned, applied] = [await requests(() => engine.preview()), await requests(noChange)];
        const what = `${domains} more domains with ${recordsEach} records each`;
        t.diagnostic(
          `${what}: a plan ${planned.count} requests, ${planned.ms} ms; up ${applied.count}, ${applied.ms} ms`,
        );
        assert.equal(planned.count, alone.count + 2 * domains, `${what}\n${asked.slice(0, 20).join('\n')}`);
        assert.equal(applied.count, planned.count);
      }

      const zone = cloudflare.state.zones.find(({ name }) => name === 'domain0.example')!;
      const [first, second] = zone.records;
      first!.content = '192.0.2.99';
      zone.records = zone.records.filter((each) => each !== second);
      assert.deepEqual(
        changed(await engine.preview()).sort(),
        [`create dns-a-${second!.name}`, `update dns-a-${first!.name}`],
        'what was changed at the provider since is seen',
      );
      plan = original;
      await engine.up(() => undefined, { refresh: true });
      assert.deepEqual(changed(await engine.preview()), []);

      await cloudflare.setFaults({ rateLimit: { requests: 30, seconds: 2 } });
      plan = await withDomains(1, 50);
      const said: string[] = [];
      const more = await engine.up((event) => event.event === 'waits' && said.push(event.text), {
        refresh: true,
      });
      await cloudflare.setFaults({ rateLimit: undefined });
      assert.deepEqual(
        [more.errors, changed(more).length],
        [[], 50],
        'what is too much at once is waited for',
      );
      assert.ok(said.length > 0);
      assert.match(said[0]!, /^Cloudflare takes no more requests for now/);
      plan = original;
      await engine.up(() => undefined, { refresh: true });
    },
  );

  await t.test('a change of one service changes its release, and nothing else', async () => {
    const zones = structuredClone(cloudflare.state.zones);
    plan = {
      ...plan,
      releases: plan.releases.map((each) => ({ ...each, hash: `${each.hash}-next` })),
      records: plan.records.slice(1),
    };
    const only = 'website';
    assert.deepEqual(changed(await engine.preview(undefined, { only })), ['update release-website']);
    const begun: string[] = [];
    const result = await engine.up(
      (event) => event.event === 'begun' && begun.push(...[releaseOf(event) ?? []].flat()),
      {
        refresh: false,
        only,
      },
    );
    assert.deepEqual([result.errors, changed(result), begun], [[], ['update release-website'], [only]]);
    assert.deepEqual(cloudflare.state.zones, zones);
    const left = changed(await engine.preview());
    assert.ok(left.includes('update release-reverse-proxy') && !left.includes('update release-website'));
  });
});
