import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ComputerFacts, judgeComputer } from './computer.ts';

const well: ComputerFacts = {
  node: '24.21.0',
  platform: 'linux',
  arch: 'x64',
  isRoot: true,
  engineVersion: '3.250.0',
  engine: '/cache/engine',
  cacheDir: '/cache',
  plugins: [{ name: 'hcloud', version: '1.41.0', file: '/cache/plugin' }],
  downloads: undefined,
  go: '/usr/bin/go',
  ssh: '/usr/bin/ssh',
  sandboxLacks: [],
};
const fresh: ComputerFacts = {
  ...well,
  isRoot: false,
  engine: undefined,
  plugins: [{ name: 'hcloud', version: '1.41.0', file: undefined }],
  downloads: { host: 'get.pulumi.com', problem: undefined, engineBytes: 118_400_000 },
  go: undefined,
  ssh: undefined,
  sandboxLacks: ['docker.io', 'mmdebstrap'],
};
const offline = {
  ...fresh,
  downloads: { host: 'get.pulumi.com', problem: "can't be reached", engineBytes: undefined },
};

const states = (facts: ComputerFacts): Record<string, string> =>
  Object.fromEntries(judgeComputer(facts).map(({ name, state }) => [name, state]));
const about = (facts: ComputerFacts, name: string) => {
  const finding = judgeComputer(facts).find((each) => each.name.startsWith(name));
  return `${finding?.evidence} | ${finding?.remedy}`;
};

test('where everything is here, nothing is missing and no download is asked for', () => {
  assert.deepEqual(new Set(Object.values(states(well))), new Set(['found']));
  assert.equal('get.pulumi.com' in states(well), false);
});

test('a computer with nothing but Node lacks nothing for a plan while downloads are reachable', () => {
  assert.deepEqual(states(fresh), {
    Node: 'found',
    'Pulumi engine 3.250.0': 'later',
    'Pulumi plugin hcloud 1.41.0': 'later',
    'get.pulumi.com': 'found',
    ssh: 'later',
    Go: 'later',
    Sandbox: 'later',
  });
  assert.equal(about(fresh, 'Pulumi engine'), 'not here; the first plan downloads it (118 MB) to /cache | ');
  assert.equal(
    about(fresh, 'Sandbox'),
    'requires root and these packages: docker.io, mmdebstrap | On Debian, as root, this installs them: haven sandbox start',
  );
});

test('without downloads, Go builds the engine, but not the plugins', () => {
  assert.equal(states(offline)['Pulumi engine 3.250.0'], 'missing');
  assert.equal(states({ ...offline, go: '/usr/bin/go' })['Pulumi engine 3.250.0'], 'later');
  assert.equal(states({ ...offline, go: '/usr/bin/go' })['Pulumi plugin hcloud 1.41.0'], 'missing');
  assert.equal(states(offline)['get.pulumi.com'], 'unreachable');
  assert.match(
    about(offline, 'Pulumi engine'),
    /\| Connect this computer to the internet, or install Pulumi 3\.250\.0 or Go\./,
  );
});

test('an old Node and a system without a sandbox are named', () => {
  assert.equal(states({ ...well, node: '20.19.0' }).Node, 'missing');
  assert.match(about({ ...well, platform: 'darwin' }, 'Sandbox'), /^requires Linux/);
});
