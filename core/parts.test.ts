import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { dnsProviderFacts } from '../components/dns-providers.ts';
import { loadCatalogue } from '../services/catalogue.ts';
import { clockGap, describeClockGap } from './clock.ts';
import { loadConfig } from './config/load-config.ts';
import type { Entry } from './operations/entries.ts';
import { formerReleases, historyOf } from './operations/history.ts';
import { describeChange } from './plan/describe-change.ts';
import { buildPlan } from './plan/plan.ts';
import { touchesPrograms } from './release/release.ts';
import { imageNames } from './release/render-release.ts';
import { renderRoutes } from './release/routes.ts';
import { renderTrialFirewall } from './release/trial-firewall.ts';
import { dependencies } from './users/login.ts';
import type { RealmFile } from './users/realm-file.ts';

const catalogue = await loadCatalogue();
const example = readFileSync(new URL('../haven.example.yaml', import.meta.url), 'utf8');
const config = loadConfig(example, catalogue, dnsProviderFacts);
const plan = buildPlan(config, catalogue, {
  version: 2,
  images: { 'reverse-proxy': { caddy: 'c', haproxy: 'h' }, website: { web: 'w' } },
});

test("a sending service's release names the generation of the password, never its value", () => {
  const sending = { host: 'smtp.example.org', port: 465, user: 'cloud', from: 'cloud@example.org' };
  const images = Object.fromEntries(
    [...catalogue].map(([id, { definition }]) => [
      id,
      Object.fromEntries(imageNames(definition).map((name) => [name, `${id}/${name}`])),
    ]),
  );
  const services = { gitea: { options: {} } };
  const login = (generation: number) =>
    buildPlan({ ...config, services, sending }, catalogue, {
      version: 2,
      images,
      given: { 'sending-password': generation },
    }).releases.find((each) => each.service === 'keycloak')!;
  const { release, files } = login(1).bundle;
  const secret = { generation: 1, given: 'sending-password', readers: {} };
  assert.deepEqual(release.secrets['sending-password'], secret);
  const { realm } = JSON.parse(files['files/realm.json']!) as RealmFile;
  assert.deepEqual(realm.smtpServer, {
    host: 'smtp.example.org',
    port: '465',
    ssl: 'true',
    starttls: 'false',
    auth: 'true',
    user: 'cloud',
    from: 'cloud@example.org',
    fromDisplayName: 'example.org',
    replyTo: 'ada@example.com',
    replyToDisplayName: 'Ada',
  });
  assert.notEqual(login(2).hash, login(1).hash, 'a new value is a new release');
  const none = buildPlan({ ...config, services }, catalogue, { version: 2, images });
  const quiet = none.releases.find((each) => each.service === 'keycloak')!.bundle;
  assert.equal(quiet.release.secrets['sending-password'], undefined);
  assert.deepEqual((JSON.parse(quiet.files['files/realm.json']!) as RealmFile).realm.smtpServer, {});
});

test('warns about data that would be lost', () => {
  const volume = describeChange(
    {
      kind: 'delete',
      type: 'hcloud:index/volume:Volume',
      name: 'v',
      properties: [],
      before: { name: 'v', size: 10 },
    },
    plan,
  );
  assert.equal(volume.data, 'ALL DATA of this cloud');
  const server = describeChange(
    {
      kind: 'replace',
      type: 'hcloud:index/server:Server',
      name: 's',
      properties: ['image'],
      after: { name: 's' },
    },
    plan,
  );
  assert.match(server.stops ?? '', /everything/);
  assert.match(server.data ?? '', /^none/);
});

test('a changed release names what stops, and how long it did last time', () => {
  const change = {
    kind: 'update' as const,
    type: 'haven:index:Release',
    name: 'release-website',
    properties: ['hash'],
    before: { service: 'website', hash: 'aaaaaaaaaa' },
    after: { service: 'website', hash: 'bbbbbbbbbb' },
  };
  assert.equal(
    describeChange({ ...change, stoppedSeconds: 4 }, plan).stops,
    'website, for about 4 s (measured at its last change)',
  );
  assert.match(describeChange(change, plan).stops ?? '', /not measured yet/);
});

test('a service in maintenance answers 503 with Retry-After on the same names', () => {
  const { release } = plan.releases.find((each) => each.service === 'website')!.bundle;
  assert.match(
    renderRoutes(release, 'open'),
    /https:\/\/www\.example\.org \{[\s\S]*reverse_proxy 127\.0\.0\.1:2\d{4}/,
  );
  const closed = renderRoutes(release, 'changing');
  assert.match(closed, /https:\/\/www\.example\.org \{[\s\S]*Retry-After 15[\s\S]*503/);
  assert.doesNotMatch(closed, /reverse_proxy/);
});

test('a change of routes alone restarts no program', () => {
  const { bundle } = plan.releases.find((each) => each.service === 'website')!;
  const moved = structuredClone(bundle);
  moved.release.routes[0]!.host = 'other.example.org';
  assert.equal(touchesPrograms(bundle, moved), false);
  moved.files['files/site/index.html'] += ' ';
  assert.equal(touchesPrograms(bundle, moved), true);
  assert.equal(touchesPrograms(undefined, bundle), true);
});

test("the trial's firewall is replaced as a whole, and is empty when nothing is in trial", () => {
  const text = renderTrialFirewall({ bridges: [], ports: [], uids: [], checkUid: 990 });
  assert.match(text, /^add table inet haven_trial\ndelete table inet haven_trial\n/);
  assert.match(text, /set bridges \{ type ifname; \}/);
  assert.match(
    renderTrialFirewall({ bridges: ['hv-x'], ports: [], uids: [], checkUid: 990 }),
    /set own_bridge \{ type ifname \. ifname; elements = \{ "hv-x" \. "hv-x" \}; \}/,
  );
});

test('lists the releases that ran before, newest first, without undone ones', () => {
  const operation = (id: string, to: string, outcome: 'committed' | 'undone'): Entry[] => [
    {
      entry: 'open',
      at: `2026-01-01T00:00:0${id}Z`,
      operation: { id, service: 's', from: null, to, touchesPrograms: true },
    },
    { entry: 'finished', at: `2026-01-01T00:00:0${id}Z`, op: id, outcome },
  ];
  const journal = [
    ...operation('1', 'a', 'committed'),
    ...operation('2', 'b', 'committed'),
    ...operation('3', 'bad', 'undone'),
    ...operation('4', 'c', 'committed'),
  ];
  assert.deepEqual(formerReleases(journal), ['b', 'a']);
  assert.deepEqual(
    historyOf(journal).map((each) => each.outcome),
    ['committed', 'committed', 'undone', 'committed'],
  );
});

test('reports clocks that differ, but not a slow answer', () => {
  assert.equal(clockGap(1000, 61_000, 65_000), undefined);
  assert.equal(clockGap(100_000, 69_000, 101_000), -31);
  assert.equal(clockGap(0, 3_600_500, 500), 3600);
  assert.match(describeClockGap(-31), /31 s behind/);
  assert.match(describeClockGap(3600), /60 min ahead of/);
  assert.match(describeClockGap(86_400), /24 h ahead of/);
});

test("the agent's ids for LDAP and the login match the catalogue", () => {
  for (const [what, id] of Object.entries(dependencies))
    assert.equal(catalogue.get(id)?.definition.provides, what);
});
