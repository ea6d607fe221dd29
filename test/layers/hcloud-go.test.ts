import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateSshKey } from '../../core/ssh-key.ts';
import { type DataCentre, HetznerApi } from '../../sandbox/emulators/hetzner/api.ts';
import { initialState } from '../../sandbox/emulators/hetzner/types.ts';
import { listen, serveApi } from '../../sandbox/emulators/http-api.ts';
import { JsonStore } from '../../sandbox/emulators/json-store.ts';
import { projectRoot } from '../../system/project-root.ts';
import { tryRun } from '../../system/run.ts';
import { scratch } from '../support/scratch.ts';

/** A data centre without machines: this is about the API's words, which Hetzner's own client has to understand. */
const nothing = async (): Promise<void> => undefined;
const dataCentre: DataCentre = {
  has: async () => true,
  createServer: nothing,
  deleteServer: nothing,
  powerOn: nothing,
  powerOff: nothing,
  shutdown: nothing,
  reset: nothing,
  createVolume: nothing,
  deleteVolume: nothing,
  attachVolume: nothing,
  detachVolume: nothing,
  resizeVolume: nothing,
  enforce: nothing,
  setPointer: nothing,
  address: (slot, type) => (type === 'ipv4' ? `198.51.100.${10 + slot}` : `2001:db8:7a:${slot}::/64`),
};

test("Hetzner's own client holds a whole conversation with the sandbox API", async () => {
  const store = new JsonStore(join(scratch('api'), 'hetzner.json'), initialState());
  const token = 'x'.repeat(64);
  const api = new HetznerApi(store, dataCentre, token, 60);
  const server = serveApi(
    (request) => api.answer(request),
    () => undefined,
  );
  await listen(server, 0, '127.0.0.1');
  try {
    const { port } = server.address() as AddressInfo;
    const env = {
      ...process.env,
      HCLOUD_ENDPOINT: `http://127.0.0.1:${port}/v1`,
      HCLOUD_TOKEN: token,
      PUBLIC_KEY: generateSshKey('test').public,
    };
    const talked = await tryRun('go', ['run', '.'], {
      cwd: join(projectRoot, 'test/layers/hcloud-go'),
      env,
      timeoutMs: 300_000,
    });
    assert.equal(talked.code, 0, talked.stdout + talked.stderr);
    assert.ok(talked.stdout.split('\n').filter((line) => line.startsWith('ok ')).length > 30);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
