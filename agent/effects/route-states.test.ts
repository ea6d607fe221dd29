import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Release } from '../../core/release/release.ts';
import { scratch } from '../../test/support/scratch.ts';
import { Layout } from '../store/layout.ts';
import { type RouteStates, wantedStates, writeStates } from './route-states.ts';

const now = (states: Record<string, 'open' | 'maintenance' | 'stopped'>): RouteStates =>
  new Map(Object.entries(states));

const filesIn = (layout: Layout): Record<string, string[]> => ({
  maintenance: readdirSync(layout.routeStates('maintenance')),
  stopped: readdirSync(layout.routeStates('stopped')),
});

test('a service is in the file of its state, and of no other', () => {
  const layout = new Layout(scratch('states'));
  assert.equal(writeStates(layout, now({ gitea: 'maintenance', website: 'stopped' })), true);
  assert.deepEqual(filesIn(layout), { maintenance: ['gitea'], stopped: ['website'] });
  assert.equal(writeStates(layout, now({ gitea: 'maintenance', website: 'open' })), false);
  assert.deepEqual(filesIn(layout), { maintenance: ['gitea'], stopped: [] });
  assert.equal(writeStates(layout, now({ gitea: 'stopped' })), false);
  assert.deepEqual(filesIn(layout), { maintenance: [], stopped: ['gitea'] });
});

test('what a crash left in the folders is removed', () => {
  const layout = new Layout(scratch('states'));
  writeStates(layout, new Map());
  writeFileSync(join(layout.routeStates('maintenance'), 'gitea.draft-12'), '');
  writeStates(layout, now({ gitea: 'open' }));
  assert.deepEqual(filesIn(layout), { maintenance: [], stopped: [] });
});

test('maintenance comes before stopped, and holds who writes through the service', () => {
  const layout = new Layout(scratch('states'));
  for (const service of ['gitea', 'ldap', 'portal']) mkdirSync(layout.service(service), { recursive: true });
  for (const service of ['gitea', 'portal']) {
    mkdirSync(dirname(layout.switchedOff(service)), { recursive: true });
    writeFileSync(layout.switchedOff(service), '');
  }
  const ldap = { service: 'ldap', writers: ['portal'] } as unknown as Release;
  const states = wantedStates(layout, [{ service: 'ldap', releases: [ldap] }]);
  assert.deepEqual(Object.fromEntries(states), {
    gitea: 'stopped',
    ldap: 'maintenance',
    portal: 'maintenance',
  });
});
