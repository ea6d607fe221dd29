import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setUpHandler } from './set-up-handler.ts';

const inputs = { host: '198.51.100.7', hostKey: 'k', volume: '/dev/disk/by-id/v', volumeGb: 20 };
const changed = (outputs: object): string[] =>
  setUpHandler.diff('set-up', { ...inputs, ...outputs }, inputs, inputs).changed;

test('a server is set up again where something of it differs, and only there', () => {
  assert.deepEqual(changed({ differs: [] }), []);
  assert.deepEqual(changed({ differs: ['/etc/docker/daemon.json (content)'] }), ['differs']);
  assert.deepEqual(
    changed({ host: '198.51.100.8', volumeGb: 10 }),
    [],
    'the command of the agent sees to these',
  );
});

test('a plan shows it as put right without asking the server', async () => {
  const created = await setUpHandler.create(inputs, true);
  assert.deepEqual(created.outputs, { ...inputs, differs: [] });
  const updated = await setUpHandler.update('set-up', { ...inputs, differs: ['x'] }, inputs, true);
  assert.deepEqual(updated, { ...inputs, differs: [] });
});
