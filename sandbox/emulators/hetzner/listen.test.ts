import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStore } from '../store.ts';
import { listenHetznerEmulator } from './listen.ts';
import { type HetznerState, initialState } from './project/state.ts';
import { StubDataCentre } from './project/stub-data-centre.ts';

const get = (url: string, token: string) => fetch(url, { headers: { authorization: `Bearer ${token}` } });

test('answers on an address of this machine, to who has the token', async (t) => {
  const hetzner = await listenHetznerEmulator();
  t.after(() => hetzner.close());
  assert.match(hetzner.url, /^http:\/\/127\.0\.0\.1:\d+\/v1$/);
  assert.equal(hetzner.token.length, 64, 'the length that the official clients insist on');
  const answer = await get(`${hetzner.url}/servers`, hetzner.token);
  assert.deepEqual(((await answer.json()) as { servers: unknown[] }).servers, []);
  assert.equal((await get(`${hetzner.url}/servers`, 'wrong')).status, 401);
});

test('faults are there from the start, change one by one, and are enforced', async (t) => {
  const hetzner = await listenHetznerEmulator({ faults: { rateLimitNext: 1 } });
  t.after(() => hetzner.close());
  assert.equal((await get(`${hetzner.url}/servers`, hetzner.token)).status, 429);
  assert.equal((await get(`${hetzner.url}/servers`, hetzner.token)).status, 200);
  await hetzner.setFaults({ soldOut: ['cx23'] });
  assert.deepEqual(hetzner.state.faults, { ...initialState().faults, soldOut: ['cx23'] });
});

test('after a restart, unfinished actions have failed, lost servers are deleted, the others run', async (t) => {
  const server = (id: number) => ({
    ...{ id, name: `s${id}`, created: '2026-01-01T00:00:00Z', labels: {}, status: 'running' as const },
    ...{ server_type: 'cx23', image: 310000, location: 'fsn1', ssh_keys: [], ipv4: null, ipv6: null },
    ...{ firewalls: [], protection: { delete: false, rebuild: false }, rescue_enabled: false },
  });
  const state: HetznerState = { ...initialState(), servers: [server(1), server(2)] };
  state.actions.push({
    ...{ id: 3, command: 'reset_server', status: 'running', progress: 0, resources: [] },
    ...{ started: '2026-01-01T00:00:00Z', finished: null, error: null },
  });
  class Lost extends StubDataCentre {
    override async has(id?: number): Promise<boolean> {
      return id !== 1;
    }
  }
  const dataCentre = new Lost();
  const hetzner = await listenHetznerEmulator({ store: memoryStore(state), dataCentre });
  t.after(() => hetzner.close());
  assert.deepEqual(dataCentre.orders, ['deleteServer 1', 'powerOn 2']);
  assert.deepEqual(
    hetzner.state.servers.map((each) => each.id),
    [2],
  );
  assert.equal(hetzner.state.actions[0]?.status, 'error');
});
