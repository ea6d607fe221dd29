import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { serverFiles } from './server-files.ts';
import { parseUnits, serverUnits, unitProblem } from './server-units.ts';

const timer = { name: 'haven-users.timer', stays: true };
const atBoot = { name: 'haven-recover.service', stays: false };
const well = {
  Id: timer.name,
  LoadState: 'loaded',
  ActiveState: 'active',
  UnitFileState: 'enabled',
  NeedDaemonReload: 'no',
};

test('every unit of ours that a boot has to start is enabled', () => {
  for (const volume of [null, { device: '/dev/disk/by-id/v', uuid: '1111-2222' }]) {
    const installed = serverFiles({ volume })
      .filter(({ text }) => /^\[Install\]$/m.test(text))
      .map(({ path }) => basename(path));
    const enabled = serverUnits(volume !== null).map(({ name }) => name);
    assert.deepEqual([...installed, 'docker.service'].sort(), enabled.sort());
  }
});

test('reads what systemd says of several units', () => {
  const seen = parseUnits(
    'Id=haven-users.timer\nActiveState=active\nUnitFileState=enabled\n\nId=docker.service\nActiveState=failed\nUnitFileState=\n',
  );
  assert.deepEqual([...seen.keys()], ['haven-users.timer', 'docker.service']);
  assert.equal(seen.get('docker.service')?.ActiveState, 'failed');
  assert.equal(seen.get('docker.service')?.UnitFileState, '');
});

test('a unit that is enabled, and runs where it should, is as it should be', () => {
  assert.equal(unitProblem(timer, well), undefined);
  assert.equal(unitProblem(atBoot, { ...well, ActiveState: 'inactive' }), undefined, 'it has run at boot');
  assert.equal(unitProblem(timer, { ...well, ActiveState: 'activating' }), undefined);
});

test('says what is wrong with a unit', () => {
  const problem = (seen: Record<string, string>) => unitProblem(timer, { ...well, ...seen });
  assert.equal(problem({ ActiveState: 'inactive' }), 'haven-users.timer (inactive)');
  assert.equal(problem({ UnitFileState: 'disabled' }), 'haven-users.timer (disabled)');
  assert.equal(problem({ UnitFileState: '' }), 'haven-users.timer (not enabled)');
  assert.equal(problem({ NeedDaemonReload: 'yes' }), 'haven-users.timer (not loaded as its file is)');
  assert.equal(problem({ LoadState: 'masked' }), 'haven-users.timer (masked)');
  assert.equal(problem({ LoadState: 'not-found' }), 'haven-users.timer (missing)');
  assert.equal(
    problem({ ActiveState: 'inactive', UnitFileState: 'disabled' }),
    'haven-users.timer (disabled, inactive)',
  );
  assert.equal(unitProblem(timer, undefined), 'haven-users.timer (missing)');
});
