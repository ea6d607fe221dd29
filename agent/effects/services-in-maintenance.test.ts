import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Entry } from '../../core/operations/entries.ts';
import { bridgeName } from '../../core/release/bridge-name.ts';
import { type Bundle, releaseHash } from '../../core/release/release.ts';
import { scratch } from '../../test/support/scratch.ts';
import { readServices } from '../operations/service-state.ts';
import { loadBundle, storeBundle, switchCurrent } from '../store/bundle-store.ts';
import { appendEntry } from '../store/journal.ts';
import { Layout } from '../store/layout.ts';
import { isBeingChanged } from '../store/running.ts';
import { checkUid } from './as-checker.ts';
import { wantedStates } from './route-states.ts';
import { wantedRoutes, writeRoutes } from './routes.ts';
import { servicesInMaintenance, trialOf } from './services-in-maintenance.ts';

const bundleOf = (service: string): Bundle => ({
  release: {
    format: 1,
    service,
    version: '1',
    images: {},
    variables: {},
    secrets: {},
    data: {},
    writers: [],
    network: { kind: 'bridge', name: bridgeName(service), loopbackPorts: {} },
    routes: [{ host: `${service}.example.org`, port: 20_001 }],
    healthChecks: [],
    startTimeoutSeconds: 60,
  },
  files: { 'compose.yaml': 'services: {}\n' },
});

/** A server with two services, which are open. */
function open(): { layout: Layout; hashes: Record<string, string> } {
  const layout = new Layout(scratch('maintenance'));
  const hashes: Record<string, string> = {};
  for (const service of ['gitea', 'website']) {
    const bundle = bundleOf(service);
    const hash = releaseHash(bundle);
    hashes[service] = hash;
    storeBundle(layout, bundle, hash);
    switchCurrent(layout, service, hash);
    const certificate = join(layout.certificates, `${service}.example.org`, 'tls.pem');
    mkdirSync(dirname(certificate), { recursive: true });
    writeFileSync(certificate, '');
    const at = '2026-01-01T00:00:00Z';
    const operation = { id: '1', service, from: null, to: hash, touchesPrograms: true };
    const entries: Entry[] = [
      { entry: 'open', at, operation },
      { entry: 'commit', at, op: '1' },
      { entry: 'finished', at, op: '1', outcome: 'committed' },
    ];
    for (const entry of entries) appendEntry(layout.journal(service), entry);
  }
  writeRoutes(layout, 'caddy', wantedRoutes(layout, new Map()).caddy);
  return { layout, hashes };
}

const damageJournal = (layout: Layout): void => {
  const file = layout.journal('gitea');
  writeFileSync(file, `x${readFileSync(file, 'utf8').slice(1)}`);
};
const damageBundle = (layout: Layout, hash: string): void =>
  writeFileSync(join(layout.release('gitea', hash), 'bundle.json'), '{"rel');

for (const [what, damage, text] of [
  ['journal', damageJournal, /gitea\.jsonl: entry 1 is damaged[\s\S]*as root: mv .*gitea\.jsonl /],
  ['bundle', damageBundle, /gitea\/releases\/.*\/bundle\.json: can't be read .*Run: haven up/],
] as const)
  test(`a service whose ${what} is damaged is in maintenance, and the others go on`, async () => {
    const { layout, hashes } = open();
    assert.deepEqual(servicesInMaintenance(layout), []);
    const filesBefore = wantedRoutes(layout, new Map()).caddy;
    damage(layout, hashes.gitea!);
    const inMaintenance = servicesInMaintenance(layout);
    assert.deepEqual(
      inMaintenance.map(({ service }) => service),
      ['gitea'],
    );
    assert.deepEqual(trialOf(inMaintenance, checkUid).bridges, [bridgeName('gitea')]);
    const states = wantedStates(layout, inMaintenance);
    assert.deepEqual(Object.fromEntries(states), { gitea: 'maintenance', website: 'open' });
    assert.deepEqual(wantedRoutes(layout, states).caddy, filesBefore);
    assert.equal(isBeingChanged(layout, 'gitea'), true);
    const [state] = await readServices(layout, ['gitea']);
    assert.match(state?.problem ?? '', text);
    assert.equal(state?.release, hashes.gitea);
    assert.equal(state?.healthy, false);
    assert.equal(state?.inMaintenance, true);
  });

test('a damaged bundle is replaced when it is sent again', () => {
  const { layout, hashes } = open();
  damageBundle(layout, hashes.gitea!);
  storeBundle(layout, bundleOf('gitea'), hashes.gitea!);
  assert.deepEqual(loadBundle(layout, 'gitea', hashes.gitea!), bundleOf('gitea'));
  assert.deepEqual(servicesInMaintenance(layout), []);
});
