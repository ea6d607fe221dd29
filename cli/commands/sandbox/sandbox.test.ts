import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scratch } from '../../../test/support/scratch.ts';

// Where the sandbox keeps its state is read when its modules are loaded: this machine's own is not touched.
process.env.HAVEN_SANDBOX_HOME ??= scratch('sandbox');
const { fails, openCloud, succeeds, type } = await import('../../../test/support/typist.ts');

test('says that the sandbox is not running, and how to start it', async () => {
  const { screen, json } = await succeeds('sandbox status');
  assert.deepEqual(json, { running: false });
  assert.match(screen.stdout, /The sandbox is not running\. To start it, run: npm start/);
});

test('opens nothing and installs nothing without a cloud or a screen', async () => {
  delete process.env.DISPLAY;
  delete process.env.WAYLAND_DISPLAY;
  await openCloud({ services: ['website'] });
  const { code, stderr } = await type(['sandbox', 'open']);
  assert.equal(code, 1);
  assert.match(stderr, /this cloud is not in the sandbox/);
  process.env.HAVEN_DIRECTORY = scratch('empty');
  assert.match((await type(['sandbox', 'open'])).stderr, /there is no haven\.yaml here/);
});

test('asks before it forgets the sandbox', async () => {
  await fails(['sandbox', 'reset'], 'declined', /deletes the sandbox cloud.*Nothing was changed\..*--yes/);
});
