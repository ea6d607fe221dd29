import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeServer, type ServerFacts } from './server.ts';

const well: ServerFacts = {
  address: '198.51.100.7',
  hello: { version: '0.1.0', node: 'v20.19.2' },
  clock: { asked: 1000, now: 1500, heard: 2000 },
  disks: [{ service: 'volume', good: true, evidence: '4 of 20 GB in use' }],
  services: [
    { service: 'website', healthy: true, switchedOff: false },
    { service: 'gitea', healthy: false, switchedOff: true },
  ],
  server: { differs: [] },
  alarms: { checkedAt: '2026-11-24T09:30:00.000Z', alarms: [], receivers: [] },
};

const wrong = (change: Partial<ServerFacts>, own = '0.1.0'): string[] =>
  judgeServer({ ...well, ...change }, own)
    .filter(({ state }) => state !== 'found')
    .map(({ name, state, evidence, remedy }) => `${name}: ${state}: ${evidence}: ${remedy}`);

test('of a server that is well, nothing has to be done', () => {
  assert.deepEqual(wrong({}), []);
});

test('an older agent is replaced by the next up, a newer one asks for a newer haven', () => {
  assert.deepEqual(wrong({}, '0.2.0'), [
    'Agent: later: version 0.1.0 under Node v20.19.2: "haven up" installs 0.2.0.',
  ]);
  assert.deepEqual(wrong({ hello: { version: '0.3.0', node: 'v20' } }), [
    'Agent: missing: version 0.3.0, which is newer than this haven (0.1.0): Update haven on this computer to 0.3.0 or newer.',
  ]);
});

test('says what is wrong with services, disks, clock, units and conditions', () => {
  assert.deepEqual(wrong({ services: [{ service: 'website', healthy: false, switchedOff: false }] }), [
    'Docker: missing: not healthy: website: Run: haven status',
  ]);
  assert.deepEqual(wrong({ disks: [{ service: 'volume', good: false, evidence: 'full' }] }), [
    'Disk: volume: missing: full: ',
  ]);
  assert.match(
    wrong({ clock: { asked: 0, now: 600_000, heard: 1000 } })[0]!,
    /^Clock: missing: the server's clock is 10 min ahead/,
  );
  assert.deepEqual(wrong({ server: { differs: ['haven-status.timer is not running'] } }), [
    'Files and units: missing: haven-status.timer is not running: Run: haven up',
  ]);
  assert.deepEqual(wrong({ server: { unread: 'nft does not answer' } }), [
    'Files and units: unreachable: nft does not answer: ',
  ]);
  const condition = { kind: 'timer' as const, subject: 'x', what: 'A timer failed.', fix: '', since: '' };
  assert.deepEqual(wrong({ alarms: { ...well.alarms, alarms: [condition] } }), [
    'Conditions: missing: A timer failed.: Run: haven alarm list',
  ]);
});
