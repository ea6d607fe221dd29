import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Entry } from '../../core/operations/entries.ts';
import type { Change } from '../../core/plan/changes.ts';
import { afterDeploy } from '../../test/support/after-deploy.ts';
import { stubSessions } from '../../test/support/stub-session.ts';
import { type Answers, fails, interrupt, openCloud, succeeds, type } from '../../test/support/typist.ts';
import { Project } from '../project/project.ts';
import { sessions } from '../project/session.ts';

const server: Change = {
  kind: 'create',
  type: 'hcloud:index/server:Server',
  name: 'a',
  properties: [],
  after: { serverType: 'cx33', location: 'fsn1' },
};
const realSessions = sessions.with;

test('shows what would change; without a change the exit code is 0, with one 2', async () => {
  await openCloud();
  const engine = stubSessions();
  const { screen, json } = await succeeds<{ lines: unknown[]; cost: { net: number; gross: number } }>('plan');
  assert.match(screen.stdout, /Plan for example\.org[\s\S]*No change/);
  assert.ok(json.cost.net > 0 && json.cost.gross > json.cost.net, 'prices come from the provider');
  assert.doesNotMatch(screen.stdout, /This change adds/);
  engine.changes = [server];
  const changed = await type(['plan']);
  assert.match(
    changed.stdout,
    /This change adds 5\.49 EUR a month without VAT, 6\.53 with 19 % VAT\.\n\n {2}\+ create +Server[\s\S]*Costs [\d.]+ EUR a month without VAT, [\d.]+ with 19 % VAT.*\n.*\n {2}Billed by the hour, also while the server is off\. Your domain is not included\./,
  );
  assert.equal(changed.code, 2);
  assert.deepEqual(new Set(engine.told), new Set(['preview']), 'a plan only looks');
});

test('a volume that would shrink is refused before anything is asked; one that grows is shown', async () => {
  await openCloud();
  const engine = stubSessions();
  const sized = (before: number, after: number): Change => ({
    kind: 'update',
    type: 'hcloud:index/volume:Volume',
    name: 'data',
    properties: ['size'],
    before: { name: 'data', size: before },
    after: { name: 'data', size: after },
  });
  engine.changes = [sized(20, 10)];
  const refused =
    /diskGb: 10 GB is smaller than the volume, which has 20 GB.*Nothing was changed\. Set diskGb to 20/;
  await fails(['plan'], 'failed', refused);
  await fails(['up', '--yes', '--no-backups'], 'failed', refused);
  assert.ok(!engine.told.includes('up'));
  engine.changes = [sized(10, 20)];
  assert.match((await type(['plan'])).stdout, /~ change +Volume +data +10 GB → 20 GB/);
});

test('what could not be asked is not "no change"', async () => {
  await openCloud();
  stubSessions().unverified = [{ what: 'release website', why: 'no answer', since: '2026-11-24' }];
  const { code, stdout } = await type(['plan']);
  assert.equal(code, 3);
  assert.match(stdout, /Not verified since 2026-11-24: release website/);
  assert.doesNotMatch(stdout, /No change: everything/);
});

test('an error of the engine is shown once, with what to do', async () => {
  await openCloud();
  stubSessions().errors = ['server limit exceeded (resource_limit_exceeded, abc)'];
  await fails(['plan'], 'failed', /Hetzner: server limit exceeded\. .*Limits/);
});

test('names what is missing before anything is asked: directory, token, engine', async () => {
  await openCloud();
  sessions.with = realSessions;
  delete process.env.HCLOUD_TOKEN;
  await fails(['status'], 'failed', /HCLOUD_TOKEN: is missing.*haven secret set hcloud-token/);
  process.env.HCLOUD_TOKEN = 'z'.repeat(64);
  await fails(
    ['status'],
    'failed',
    /Hetzner: does not accept the token any more \(401\)\..*haven secret set hcloud-token/,
  );
  process.env.HCLOUD_ENDPOINT = 'http://127.0.0.1:64999/v1';
  await fails(
    ['status'],
    'unreachable',
    /Hetzner: can't be reached: 127\.0\.0\.1:\d+ refuses the connection/,
  );
  process.env.HAVEN_DIRECTORY = '/nonexistent';
  for (const command of [
    'plan',
    'up --yes',
    'destroy',
    'status',
    'history',
    'service list',
    'secret list',
    'user list',
  ])
    await fails(command.split(' '), 'failed', /\/nonexistent: there is no haven\.yaml here\. .*haven init/);
});

test('a token that a provider refuses, and a zone that is not there, are named before the engine starts', async () => {
  const cloud = await openCloud();
  const engine = stubSessions();
  const { HCLOUD_TOKEN, CLOUDFLARE_API_TOKEN, CLOUDFLARE_BASE_URL } = process.env;
  process.env.HCLOUD_TOKEN = 'z'.repeat(64);
  await fails(
    ['plan'],
    'failed',
    /Hetzner: does not accept the token any more.*haven secret set hcloud-token/,
  );
  process.env.HCLOUD_TOKEN = HCLOUD_TOKEN;
  process.env.CLOUDFLARE_API_TOKEN = 'revoked';
  await fails(['plan'], 'failed', /Cloudflare: .* token .*haven secret set cloudflare-token/);
  process.env.CLOUDFLARE_API_TOKEN = CLOUDFLARE_API_TOKEN;
  process.env.CLOUDFLARE_BASE_URL = 'http://127.0.0.1:64999/client/v4';
  await fails(['plan'], 'unreachable', /Cloudflare: can't be reached: .* refuses the connection/);
  process.env.CLOUDFLARE_BASE_URL = CLOUDFLARE_BASE_URL;
  cloud.write('haven.yaml', cloud.read().replace('name: example.org', 'name: example.net'));
  await fails(
    ['plan'],
    'failed',
    /haven\.yaml: domains: Cloudflare has no zone example\.net that this token can see\. Add the domain there/,
  );
  assert.deepEqual(engine.told, []);
});

test('an id that was changed is named before its key is missed', async () => {
  const cloud = await openCloud();
  const states = join(cloud.directory, '.haven/state/.pulumi/stacks/openhaven');
  mkdirSync(states, { recursive: true });
  writeFileSync(join(states, `${cloud.id}.json`), '{}');
  assert.equal((await type(['service', 'list'])).code, 0);
  cloud.write('haven.yaml', cloud.read().replace(cloud.id, 'other-1234'));
  await fails(
    ['plan'],
    'failed',
    /id is "other-1234", but this directory belongs to the cloud "typed-1234"\. Nothing was changed\. Set "id: typed-1234" again/,
  );
});

test('carries a plan out after a yes', async () => {
  await openCloud({ agent: { ...afterDeploy } });
  const engine = stubSessions();
  engine.changes = [server];
  const yes = [[/carries out the plan/, true] as [RegExp, boolean]];
  const done = await type(['up'], { answers: [...yes, [/no backups/, 'No Backups']] });
  assert.match(done.stdout, /Done: 1 changed/);
  assert.equal(done.code, 0);
  const { json } = await succeeds('up', ['--yes', '--no-backups']);
  assert.deepEqual(json, { changed: 1, addresses: { ipv4: '127.0.0.1' } });
  engine.changes = [];
  assert.deepEqual((await succeeds('up', ['--yes'])).json, { changed: 0, addresses: {} });
});

test('a first up ends with the own login of the owner, what to do next and what it costs', async () => {
  const asked: { ask: string; users?: object[] }[] = [];
  const invitation = { name: 'ada', link: 'https://login.example.org/once', hours: 72 };
  const answers: Record<string, unknown> = { list: [], add: { added: ['ada'] }, invite: invitation };
  const user = (_: string[], input: string) => {
    const request = JSON.parse(input) as { ask: string };
    asked.push(request);
    return answers[request.ask];
  };
  await openCloud({ services: ['miniflux'], agent: { ...afterDeploy, user } });
  stubSessions().changes = [server];
  const consent: Answers = [
    [/carries out the plan/, true],
    [/no backups/, 'no backups'],
  ];
  const first = await type(['up'], { answers: [...consent, [/log in with/, 'ada']] });
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stdout,
    /login\.example\.org\/once[\s\S]*Next:[\s\S]*It costs [\d.]+ EUR a month .* haven destroy/,
  );
  assert.deepEqual(asked.find(({ ask }) => ask === 'add')?.users, [
    { name: 'ada', givenName: 'Ada', surname: 'Ada', groups: ['admins'] },
  ]);
  // An invitation is a secret: where nobody reads the output, none is made. Nor after Ctrl-C.
  asked.length = 0;
  for (const typed of [
    await type(['up', '--yes', '--no-backups']),
    await type(['up'], { answers: [...consent, [/log in with/, interrupt]] }),
  ]) {
    assert.equal(typed.code, 0, typed.stderr);
    assert.match(typed.stdout, /To add yourself, run: haven user add ada --given-name "Ada"/);
  }
  assert.deepEqual(new Set(asked.map(({ ask }) => ask)), new Set(['list']));
});

test('does nothing without every consent', async () => {
  await openCloud();
  const engine = stubSessions();
  engine.changes = [server];
  const plan = /carries out the plan/;
  await fails(['up'], 'declined', /Nothing was changed\..*haven up --yes/);
  await fails(
    ['up', '--yes'],
    'declined',
    /This cloud makes no backups: if the volume is lost, its data is lost\. To make them, add `backups` to haven\.yaml \(docs\/owners\/backups\.md\)\. Nothing was changed\..*--yes --no-backups/,
  );
  for (const [answers, code] of [
    [[[plan, false]], 4],
    [[[plan, interrupt]], 130],
    [
      [
        [plan, true],
        [/no backups/, 'yes'],
      ],
      4,
    ],
  ] as const) {
    const typed = await type(['up'], { answers: answers.map(([question, answer]) => [question, answer]) });
    assert.match(typed.stderr, /Nothing was changed/);
    assert.equal(typed.code, code);
  }
  const json = await type(['up', '--json'], { answers: [] });
  assert.match(json.stdout, /would ask for your consent without showing the plan/);
  assert.equal(json.code, 4);
  assert.ok(!engine.told.includes('up'));
});

test('a cloud with backups is not asked for "no backups"; its first up makes the password, and a plan does not', async () => {
  const yaml = 'backups:\n  s3: { endpoint: "https://s3.example.com", bucket: ada }';
  const cloud = await openCloud({ agent: { ...afterDeploy }, yaml });
  const engine = stubSessions();
  engine.changes = [server];
  await fails(
    ['up', '--yes'],
    'failed',
    /backup-s3-key: is missing: haven\.yaml has backups to a bucket.*haven secret set backup-s3-key\n.*backup-s3-secret: is missing/,
  );
  await type(['secret', 'set', 'backup-s3-key'], { input: 'the-key' });
  await type(['secret', 'set', 'backup-s3-secret'], { input: 'the-secret' });
  const password = async () => (await cloud.secrets()).get('backup-password');
  const settings = (await Project.open()).plan().backups;
  const after = { settings };
  engine.changes = [
    server,
    { kind: 'create', type: 'haven:index:Backups', name: 'backups', properties: [], after },
  ];
  const plan = await type(['plan']);
  assert.match(
    plan.stdout,
    /\+ create +Backups +each night at 03:30 +to bucket "ada" at s3\.example\.com, and before each change; kept: 7 daily, 5 weekly, 12 monthly\n/,
  );
  assert.equal(plan.code, 2);
  assert.equal(await password(), undefined);
  assert.equal((await type(['up'], { answers: [[/carries out the plan/, false]] })).code, 4);
  assert.equal(await password(), undefined);
  assert.equal((await type(['up'], { answers: [[/carries out the plan/, true]] })).code, 0);
  const made = await password();
  assert.match(made ?? '', /^[\w-]{43}$/);
  const again = await type(['up', '--yes']);
  assert.equal(again.code, 0, again.stderr);
  assert.doesNotMatch(again.stdout + again.stderr, new RegExp(made!));
  assert.equal(await password(), made);
});

const state = (id: string): string =>
  JSON.stringify({
    version: 3,
    deployment: { resources: [{ urn: `urn::${id}`, id, type: 'hcloud:index/x:X' }] },
  });
const elsewhere = '2-0b5e77aa-77aa0b5e';

test('says what to do if the state was changed in two places, and goes on with the one that is chosen', async () => {
  const cloud = await openCloud({ agent: { ...afterDeploy } });
  const engine = stubSessions();
  engine.state = state('here');
  const sealed = await (await cloud.secrets()).seal(state('there'));
  Object.assign(cloud.agent.answers, {
    'deploy-lock-take': () => ({ newest: elsewhere, unsent: null }),
    'state-look': () => ({ newest: elsewhere, unsent: null, held: null }),
    'state-get': () => ({ id: elsewhere, sealed: Buffer.from(sealed).toString('base64') }),
    'state-forget-unsent': () => ({}),
  });
  await fails(['up', '--yes'], 'failed', /never sent.*copy 2-.*Nothing was changed\..*haven state show/);
  assert.ok(!engine.told.includes('up'));
  const plan = await type(['plan']);
  assert.match(plan.stdout, /Not verified since .*the state of this cloud .*haven state show/);
  assert.equal(plan.code, 3);
  const { screen, json } = await succeeds('state show');
  assert.match(screen.stdout, /Only in this folder's state: +here\n.*Only in the server's copy: +there/);
  assert.deepEqual(json, {
    basedOn: null,
    isUnsent: true,
    newest: elsewhere,
    interrupted: null,
    onlyHere: ['here'],
    onlyOnServer: ['there'],
  });
  await fails(['state', 'use', 'server'], 'declined', /replaces the state in this folder.*--yes/);
  assert.match(engine.state, /here/);
  const used = await succeeds('state use', ['server', '--yes'], { once: true });
  assert.deepEqual(used.json, { basedOn: elsewhere });
  assert.match(engine.state, /there/);
  assert.match(cloud.read('.haven/kept-states/1.json'), /here/);
  assert.equal((await type(['up', '--yes'])).code, 0);
});

test('goes on with the state of this folder if that is chosen, and keeps the copy that it replaces', async () => {
  const cloud = await openCloud({ agent: { ...afterDeploy } });
  stubSessions().state = state('here');
  const sealed = await (await cloud.secrets()).seal(state('there'));
  Object.assign(cloud.agent.answers, {
    'deploy-lock-take': () => ({ newest: elsewhere, unsent: null }),
    'state-get': () => ({ id: elsewhere, sealed: Buffer.from(sealed).toString('base64') }),
    'state-forget-unsent': () => ({}),
    'state-put': () => ({ id: '3-3fa9c1d2-0b5e77aa' }),
  });
  const { json } = await succeeds('state use', ['folder', '--yes'], { once: true });
  assert.deepEqual(json, { basedOn: '3-3fa9c1d2-0b5e77aa' });
  const put = cloud.agent.asked.find((each) => each.command === 'state-put');
  assert.match(put!.args[1]!, /"basedOn":"2-0b5e77aa-77aa0b5e"/);
  assert.match(cloud.read('.haven/kept-states/1.json'), /there/);
});

test('a cloud that someone else is changing is left alone, and a plan says so', async () => {
  const cloud = await openCloud({ agent: { ...afterDeploy } });
  const engine = stubSessions();
  engine.changes = [server];
  Object.assign(cloud.agent.answers, {
    'deploy-lock-take': () => {
      throw new Error('ben@desk is changing this server.');
    },
    // What a plan asks of everything there has it. An agent that says nothing of it is asked for it alone, as above.
    look: () => ({
      services: [],
      certificates: [],
      states: {
        newest: null,
        unsent: { place: '0b5e77aa', basedOn: null, holder: 'ben@desk' },
        held: { run: 'x', holder: 'ben@desk', stage: 'changing', agent: null, untilMs: 1 },
      },
    }),
  });
  for (const command of ['up --yes --no-backups', 'destroy --yes', 'state use server --yes'])
    await fails(command.split(' '), 'failed', /ben@desk is changing this server/);
  assert.match(
    (await type(['plan'])).stdout,
    /the state of this cloud \(ben@desk is changing this cloud now\)/,
  );
  assert.deepEqual(new Set(engine.told), new Set(['preview']));
});

const volume = { id: '1', inputs: {}, outputs: {}, isProtected: true };

test('deletes a cloud once its domain is typed, and deletes its data only with --with-data', async () => {
  await openCloud();
  const engine = stubSessions();
  engine.resources = [
    { ...volume, inputs: { size: 10 }, type: 'hcloud:index/volume:Volume', name: 'data' },
    { ...volume, type: 'hcloud:index/server:Server', name: 'a', isProtected: false },
  ];
  engine.changes = [{ ...server, kind: 'delete' }];
  await fails(['destroy'], 'declined', /deletes the cloud of example\.org\. Nothing was changed/);
  await fails(['destroy', '--confirm', 'other.org'], 'declined', /"other\.org" is not example\.org/);
  await fails(['destroy', '--with-data', '--yes'], 'declined', /deletes ALL ITS DATA/);
  assert.deepEqual(engine.told, []);
  const { screen, json } = await succeeds('destroy', ['--yes']);
  assert.match(
    screen.stdout,
    /Kept, and still billed \(0\.44 EUR a month without VAT, 0\.52 with 19 % VAT\):\n.*Volume[\s\S]*Done: 1 removed, 1 kept/,
  );
  assert.deepEqual(json, { removed: 1, kept: 1 });
  await type(['destroy', '--with-data'], { answers: [[/Type example\.org to continue/, 'example.org']] });
  assert.equal(engine.told.at(-1), 'destroy with data');
});

const old = 'b'.repeat(64);
const operation = { id: '1', service: 'website', from: null, to: old, touchesPrograms: true };
const committed = (op: string) =>
  ({ entry: 'finished', at: '2026-01-01', op, outcome: 'committed' }) as const;
const journal: Entry[] = [
  { entry: 'open', at: '2026-01-01', operation },
  committed('1'),
  { entry: 'open', at: '2026-01-02', operation: { ...operation, id: '2', from: old, to: 'c'.repeat(64) } },
  committed('2'),
];

const release = (service: string): Change => ({
  kind: 'update',
  type: 'haven:index:Release',
  name: `release-${service}`,
  properties: ['hash'],
});
/** A service that runs a release. */
const running = (hash: string) => ({ service: 'website', release: hash, open: null as string | null });

/** A cloud whose website can go back, with what the server keeps of the version before. */
async function openRollback(current = 'c'.repeat(64)) {
  const state = running(current);
  const cloud = await openCloud({ agent: { history: () => journal, read: () => state, ...afterDeploy } });
  const engine = stubSessions();
  engine.changes = [release('website')];
  const [bundle] = await planned(cloud.directory);
  cloud.agent.answers.bundle = () => bundle;
  return { cloud, engine, state };
}
const rollback = ['rollback', 'website', '--yes'];

test('goes back to a previous version of one service, and changes nothing else', async () => {
  const { cloud, engine } = await openRollback();
  const { json } = await succeeds('rollback', ['website', '--yes']);
  assert.deepEqual(json, { service: 'website', held: old });
  assert.ok(cloud.has('held/website.json'));
  assert.deepEqual(new Set(engine.told), new Set(['preview website', 'up website']));
  assert.match((await type(['rollback', 'website', '--undo'])).stdout, /website is no longer held/);
  assert.match((await type(['rollback', 'website', '--undo'])).stdout, /website was not held/);
});

test('does not hold a version that it did not go back to', async () => {
  const { cloud, engine } = await openRollback();
  for (const [begin, code] of [
    [() => engine.errors.push('Hetzner answers 503'), 1],
    [() => engine.upErrors.push('website did not start'), 1],
  ] as const) {
    engine.errors = [];
    begin();
    assert.equal((await type(rollback)).code, code);
    assert.equal(cloud.has('held/website.json'), false);
  }
  engine.errors = [];
  engine.upErrors = [];
  await fails(rollback.slice(0, 2), 'declined', /Nothing was changed.*haven rollback website --yes/);
  assert.equal(cloud.has('held/website.json'), false, 'nobody agreed');
});

test('holds the version that it went back to, whatever else fails', async () => {
  const { cloud, engine, state } = await openRollback();
  engine.upErrors = ['the state could not be saved'];
  engine.done = ['release-website'];
  await fails(rollback, 'failed', /could not be saved[\s\S]*its previous version runs, and is held/);
  assert.ok(cloud.has('held/website.json'));
  await type(['rollback', 'website', '--undo']);
  engine.done = [];
  state.release = old;
  await fails(rollback, 'failed', /its previous version runs, and is held/);
  assert.ok(cloud.has('held/website.json'), 'the connection was lost, and the server applied it');
});

test('says which versions there are to go back to', async () => {
  await openCloud({ agent: { history: () => journal.slice(0, 2) } });
  await fails(
    ['rollback', 'website', '--yes'],
    'failed',
    /it has had only one version\..*haven history website/,
  );
  await fails(['rollback', 'website', '--to', 'abc'], 'failed', /no earlier version "abc"/);
  await fails(['rollback', 'nope'], 'usage', /this cloud has no service "nope"/);
  await fails(['rollback'], 'usage', /SERVICE is missing/);
});

async function planned(directory: string) {
  const { Project } = await import('../project/project.ts');
  return (await Project.open(directory))
    .plan()
    .releases.filter((each) => each.service === 'website')
    .map((each) => each.bundle);
}

test("replaces a certificate's key at the next up", async () => {
  const cloud = await openCloud();
  const { json } = await succeeds('certificate renew-key', ['WWW.example.org'], { once: true });
  assert.deepEqual(json, { host: 'www.example.org', keyGeneration: 2 });
  assert.match(cloud.read('haven.lock'), /"www\.example\.org": 2/);
  await fails(
    ['certificate', 'renew-key', 'other.org'],
    'usage',
    /has no certificate.*renew-key www\.example\.org/,
  );
});
