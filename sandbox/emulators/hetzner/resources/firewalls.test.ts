import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHetzner, smallServer } from '../../../../test/support/hetzner-client.ts';

const https = { direction: 'in', protocol: 'tcp', port: '443', source_ips: ['0.0.0.0/0', '::/0'] };

test('a firewall has rules, which can be replaced', async (t) => {
  const { ask, settle } = await openHetzner(t);
  const { id } = (await settle('POST', '/firewalls', { name: 'wall', rules: [https] })).body.firewall;
  assert.deepEqual((await ask('GET', `/firewalls/${id}`)).body.firewall.rules, [https]);
  await settle('POST', `/firewalls/${id}/actions/set_rules`, { rules: [] });
  assert.deepEqual((await ask('GET', `/firewalls/${id}`)).body.firewall.rules, []);
  const wrong = { rules: [{ ...https, protocol: 'sctp' }] };
  assert.equal((await ask('POST', `/firewalls/${id}/actions/set_rules`, wrong)).status, 422);
});

test('a firewall that is applied is not deleted; one that is removed again is', async (t) => {
  const { ask, settle, state } = await openHetzner(t);
  const { server } = (await settle('POST', '/servers', smallServer)).body;
  const to = [{ type: 'server', server: { id: server.id } }];
  const { id } = (await settle('POST', '/firewalls', { name: 'wall', apply_to: to })).body.firewall;
  assert.deepEqual((await ask('GET', `/firewalls/${id}`)).body.firewall.applied_to, to);
  assert.deepEqual(state.servers[0]?.firewalls, [id]);
  assert.equal((await ask('DELETE', `/firewalls/${id}`)).body.error.code, 'resource_in_use');
  await settle('POST', `/firewalls/${id}/actions/remove_from_resources`, { remove_from: to });
  assert.deepEqual(state.servers[0]?.firewalls, []);
  await settle('POST', `/firewalls/${id}/actions/apply_to_resources`, { apply_to: to });
  await settle('POST', `/firewalls/${id}/actions/apply_to_resources`, { apply_to: to });
  assert.deepEqual(state.servers[0]?.firewalls, [id], 'applying it twice is applying it once');
  await settle('POST', `/firewalls/${id}/actions/remove_from_resources`, { remove_from: to });
  assert.equal((await ask('DELETE', `/firewalls/${id}`)).status, 204);
});

test('a firewall for a server that does not exist is not created', async (t) => {
  const { ask, state } = await openHetzner(t);
  const to = [{ type: 'server', server: { id: 1 } }];
  assert.equal((await ask('POST', '/firewalls', { name: 'wall', apply_to: to })).status, 404);
  assert.deepEqual(state.firewalls, []);
});
