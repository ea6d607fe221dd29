import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHetzner, smallServer } from '../../../../test/support/hetzner-client.ts';

const ipv4 = { name: 'ip', type: 'ipv4', location: 'fsn1' };

test('an address is new, points back to a name of Hetzner, and is free again when it is deleted', async (t) => {
  const { ask } = await openHetzner(t);
  const first = (await ask('POST', '/primary_ips', ipv4)).body.primary_ip;
  assert.deepEqual(first.dns_ptr, [
    { ip: '192.0.2.10', dns_ptr: 'static.10.2.0.192.clients.your-server.test' },
  ]);
  const second = (await ask('POST', '/primary_ips', { ...ipv4, name: 'two' })).body.primary_ip;
  assert.equal(second.ip, '192.0.2.11');
  assert.equal((await ask('DELETE', `/primary_ips/${first.id}`)).status, 204);
  assert.equal((await ask('POST', '/primary_ips', ipv4)).body.primary_ip.ip, first.ip);
});

test('an address is created for a location or for a server, not for both or neither', async (t) => {
  const { ask } = await openHetzner(t);
  const { name, type } = ipv4;
  assert.equal((await ask('POST', '/primary_ips', { name, type })).status, 422);
  assert.equal((await ask('POST', '/primary_ips', { ...ipv4, assignee_id: 1 })).status, 422);
});

test('an address changes its server only while that is off', async (t) => {
  const { ask, settle } = await openHetzner(t);
  const net = { enable_ipv4: false, enable_ipv6: false };
  const { server } = (await settle('POST', '/servers', { ...smallServer, public_net: net })).body;
  const { id } = (await ask('POST', '/primary_ips', ipv4)).body.primary_ip;
  const assign = { assignee_id: server.id, assignee_type: 'server' };
  const refused = await ask('POST', `/primary_ips/${id}/actions/assign`, assign);
  assert.equal(refused.body.error.code, 'server_not_stopped');
  await settle('POST', `/servers/${server.id}/actions/poweroff`);
  await settle('POST', `/primary_ips/${id}/actions/assign`, assign);
  assert.equal((await ask('DELETE', `/primary_ips/${id}`)).body.error.code, 'resource_in_use');
  await settle('POST', `/servers/${server.id}/actions/poweron`);
  assert.equal((await ask('POST', `/primary_ips/${id}/actions/unassign`)).status, 422);
  await settle('POST', `/servers/${server.id}/actions/shutdown`);
  await settle('POST', `/primary_ips/${id}/actions/unassign`);
  assert.equal((await ask('GET', `/servers/${server.id}`)).body.server.public_net.ipv4, null);
});

test('PUT changes whether an address is deleted with its server', async (t) => {
  const { ask, state } = await openHetzner(t);
  const { id } = (await ask('POST', '/primary_ips', ipv4)).body.primary_ip;
  await ask('PUT', `/primary_ips/${id}`, { name: 'renamed', auto_delete: true });
  assert.deepEqual([state.primary_ips[0]?.name, state.primary_ips[0]?.auto_delete], ['renamed', true]);
  assert.equal((await ask('PUT', `/primary_ips/${id}`, { blocked: true })).status, 422);
});

test('reverse DNS is set for an address of the network, and goes back to the default', async (t) => {
  const { ask, settle, orders } = await openHetzner(t);
  const { primary_ip: four } = (await ask('POST', '/primary_ips', ipv4)).body;
  const { primary_ip: six } = (await ask('POST', '/primary_ips', { ...ipv4, name: 'six', type: 'ipv6' }))
    .body;
  const point = (id: number, ip: string, dns_ptr: string | null) =>
    settle('POST', `/primary_ips/${id}/actions/change_dns_ptr`, { ip, dns_ptr });
  await point(four.id, four.ip, 'mail.example.org');
  await point(six.id, '2001:db8:5:10::1', 'mail.example.org');
  assert.deepEqual((await ask('GET', `/primary_ips/${six.id}`)).body.primary_ip.dns_ptr, [
    { ip: '2001:db8:5:10::1', dns_ptr: 'mail.example.org' },
  ]);
  await point(four.id, four.ip, null);
  const { dns_ptr } = (await ask('GET', `/primary_ips/${four.id}`)).body.primary_ip;
  assert.deepEqual(dns_ptr, four.dns_ptr);
  assert.deepEqual(orders, [
    `setPointer ${four.ip} mail.example.org`,
    'setPointer 2001:db8:5:10::1 mail.example.org',
    `setPointer ${four.ip} null`,
  ]);
  await assert.rejects(point(four.id, '192.0.2.99', 'mail.example.org'), /field 'ip'/);
  await assert.rejects(point(four.id, four.ip, 'not a name'), /field 'dns_ptr'/);
});

test('a server sets the reverse DNS of its own addresses', async (t) => {
  const { settle, orders } = await openHetzner(t);
  const { server } = (await settle('POST', '/servers', smallServer)).body;
  const point = { ip: server.public_net.ipv4?.ip, dns_ptr: 'one.example.org' };
  await settle('POST', `/servers/${server.id}/actions/change_dns_ptr`, point);
  assert.equal(orders.at(-1), `setPointer ${point.ip} one.example.org`);
});
