import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHetzner, smallServer } from '../../../../test/support/hetzner-client.ts';
import { StubDataCentre } from '../project/stub-data-centre.ts';

test('creates a server with addresses of its own, and it runs when its action has ended', async (t) => {
  const { ask, settle, orders } = await openHetzner(t);
  const { status, body } = await settle('POST', '/servers', smallServer);
  assert.equal(status, 201);
  assert.equal(body.action.status, 'running', 'clients have to poll');
  assert.equal(body.server.status, 'initializing');
  const { server } = (await ask('GET', `/servers/${body.server.id}`)).body;
  assert.equal(server.status, 'running');
  assert.equal(server.public_net.ipv4?.ip, '192.0.2.10');
  assert.equal(server.public_net.ipv6?.ip, '2001:db8:5:10::/64');
  assert.deepEqual(orders, [`createServer ${server.id}`]);
});

test('a type that is sold out is unavailable, and nothing is left of the attempt', async (t) => {
  const { ask, state, orders, setFaults } = await openHetzner(t, { faults: { soldOut: ['cx23'] } });
  const { status, body } = await ask('POST', '/servers', smallServer);
  assert.equal(status, 412);
  assert.equal(body.error.code, 'resource_unavailable');
  assert.equal(body.error.message, 'error during placement: cx23 is not available in fsn1');
  assert.deepEqual([state.servers, state.primary_ips, orders], [[], [], []]);
  assert.equal((await ask('POST', '/servers', { ...smallServer, server_type: 'cx33' })).status, 201);
  await setFaults({ soldOut: [] });
  assert.equal((await ask('POST', '/servers', { ...smallServer, name: 'two' })).status, 201);
});

test('a type is unavailable where Hetzner does not offer it', async (t) => {
  const { ask } = await openHetzner(t);
  const { status } = await ask('POST', '/servers', { ...smallServer, location: 'ash' });
  assert.equal(status, 412);
});

test('an account has a limit of servers, and creates nothing before it is verified', async (t) => {
  const { ask, setFaults } = await openHetzner(t, { faults: { serverLimit: 0 } });
  assert.equal((await ask('POST', '/servers', smallServer)).body.error.code, 'resource_limit_exceeded');
  await setFaults({ unverified: true });
  assert.equal((await ask('POST', '/servers', smallServer)).body.error.code, 'forbidden');
  assert.equal((await ask('GET', '/servers')).status, 200, 'it can still look');
});

test('refuses what does not exist, naming the field', async (t) => {
  const { ask, state } = await openHetzner(t);
  for (const [field, wrong] of [
    ['server_type', { server_type: 'cx99' }],
    ['image', { image: 'debian-1' }],
    ['image', { image: 310000, server_type: 'cax11' }],
    ['location', { location: 'moon1' }],
    ['ssh_keys', { ssh_keys: ['nobody'] }],
    ['name', { name: 'not a host name' }],
    ['backups', { backups: true }],
    ['networks', { networks: [1] }],
  ] as const) {
    const { status, body } = await ask('POST', '/servers', { ...smallServer, ...wrong });
    assert.deepEqual(
      [status, body.error.code, body.error.message],
      [422, 'invalid_input', `invalid input in field '${field}'`],
    );
  }
  assert.deepEqual([state.servers, state.primary_ips], [[], []]);
});

test('takes a named address, and refuses one of another type, place or server', async (t) => {
  const { ask, settle, state } = await openHetzner(t);
  const newIp = async (name: string, type: string, location: string) =>
    (await ask('POST', '/primary_ips', { name, type, location })).body.primary_ip;
  const ipv4 = await newIp('a', 'ipv4', 'fsn1');
  const elsewhere = await newIp('b', 'ipv4', 'hel1');
  const ipv6 = await newIp('c', 'ipv6', 'fsn1');
  const withIps = (name: string, ips: object) =>
    ask('POST', '/servers', {
      ...smallServer,
      name,
      public_net: { enable_ipv4: true, enable_ipv6: true, ...ips },
    });
  for (const [code, ips] of [
    ['primary_ip_datacenter_mismatch', { ipv4: elsewhere.id }],
    ['primary_ip_version_mismatch', { ipv6: ipv4.id }],
    ['not_found', { ipv4: 1 }],
  ] as const)
    assert.equal((await withIps('refused', ips)).body.error.code, code);
  assert.equal(state.primary_ips.length, 3, 'no address was made for a server that could not be created');

  const only = { enable_ipv4: true, enable_ipv6: false, ipv4: ipv4.id };
  const { server } = (await settle('POST', '/servers', { ...smallServer, public_net: only })).body;
  assert.deepEqual([server.public_net.ipv4?.ip, server.public_net.ipv6], [ipv4.ip, null]);
  assert.equal(
    (await withIps('late', { ipv4: ipv4.id, ipv6: ipv6.id })).body.error.code,
    'primary_ip_assigned',
  );
});

test('labels are found by selectors and changed by PUT; a name is unique', async (t) => {
  const { ask } = await openHetzner(t);
  const { server } = (await ask('POST', '/servers', { ...smallServer, labels: { haven: 'a' } })).body;
  const names = async (selector: string) => {
    const { body } = await ask('GET', `/servers?label_selector=${encodeURIComponent(selector)}`);
    return (body as unknown as { servers: { name: string }[] }).servers.map((each) => each.name);
  };
  assert.deepEqual(await names('haven==a'), ['one']);
  await ask('PUT', `/servers/${server.id}`, { labels: { haven: 'b' } });
  assert.deepEqual([await names('haven==a'), await names('haven==b')], [[], ['one']]);
  assert.equal((await ask('POST', '/servers', smallServer)).body.error.code, 'uniqueness_error');
  assert.equal(
    (await ask('PUT', `/servers/${server.id}`, { name: 'one' })).status,
    200,
    'its own name is free',
  );
});

test('a protected server is not deleted; protection covers deletion and rebuild or neither', async (t) => {
  const { ask, settle, orders } = await openHetzner(t);
  const { id } = (await settle('POST', '/servers', smallServer)).body.server;
  const protect = `/servers/${id}/actions/change_protection`;
  assert.equal((await ask('POST', protect, { delete: true })).status, 422);
  await settle('POST', protect, { delete: true, rebuild: true });
  const refused = await ask('DELETE', `/servers/${id}`);
  assert.deepEqual([refused.status, refused.body.error.code], [423, 'protected']);
  assert.ok(!orders.includes(`deleteServer ${id}`));
  await settle('POST', protect, { delete: false, rebuild: false });
  await settle('DELETE', `/servers/${id}`);
  assert.ok(orders.includes(`deleteServer ${id}`));
});

test('a deleted server leaves its volumes, its named addresses and its firewalls, free', async (t) => {
  const { ask, settle, state } = await openHetzner(t);
  const ip = (await ask('POST', '/primary_ips', { name: 'kept', type: 'ipv4', location: 'fsn1' })).body
    .primary_ip;
  const { firewall } = (await settle('POST', '/firewalls', { name: 'wall' })).body;
  const { server } = (
    await settle('POST', '/servers', {
      ...smallServer,
      firewalls: [{ firewall: firewall.id }],
      public_net: { enable_ipv4: true, enable_ipv6: true, ipv4: ip.id },
    })
  ).body;
  await settle('POST', '/volumes', { name: 'data', size: 10, server: server.id });
  await settle('DELETE', `/servers/${server.id}`);
  assert.equal((await ask('GET', `/servers/${server.id}`)).status, 404);
  assert.deepEqual(
    state.primary_ips.map((each) => [each.name, each.assignee_id]),
    [['kept', null]],
  );
  assert.deepEqual([state.volumes[0]?.server, state.firewalls[0]?.servers], [null, []]);
});

test('power: off, on, shutdown, reset', async (t) => {
  const { ask, settle, orders } = await openHetzner(t);
  const { id } = (await settle('POST', '/servers', smallServer)).body.server;
  const after = async (command: string) => {
    await settle('POST', `/servers/${id}/actions/${command}`);
    return (await ask('GET', `/servers/${id}`)).body.server.status;
  };
  assert.deepEqual(
    [await after('poweroff'), await after('poweron'), await after('shutdown'), await after('poweron')],
    ['off', 'running', 'off', 'running'],
  );
  assert.deepEqual([await after('reset'), await after('reboot')], ['running', 'running']);
  assert.deepEqual(
    orders.slice(1),
    ['powerOff', 'powerOn', 'shutdown', 'powerOn', 'reset', 'reset'].map((order) => `${order} ${id}`),
  );
});

test('an action that fails in the data centre says why', async (t) => {
  class Broken extends StubDataCentre {
    override powerOff = () => Promise.reject(new Error('no power switch'));
  }
  const { ask, settle } = await openHetzner(t, { dataCentre: new Broken() });
  t.mock.method(console, 'error', () => undefined);
  const { id } = (await settle('POST', '/servers', smallServer)).body.server;
  await assert.rejects(settle('POST', `/servers/${id}/actions/poweroff`), /no power switch/);
  assert.equal((await ask('GET', `/servers/${id}`)).body.server.status, 'running');
});
