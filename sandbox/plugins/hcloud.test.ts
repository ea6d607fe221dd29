import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Properties } from '../../components/provider/serve.ts';
import { openHetzner } from '../../test/support/hetzner-client.ts';
import { hcloudPlugin } from './hcloud.ts';

/** What the engine does with one resource, against an emulator. */
async function openPlugin(t: TestContext) {
  const hetzner = await openHetzner(t);
  process.env.HCLOUD_ENDPOINT = hetzner.url;
  process.env.HCLOUD_TOKEN = hetzner.token;
  hcloudPlugin.configure?.();
  const handler = (type: string) => hcloudPlugin.resources[type] ?? assert.fail(`there is no ${type}`);
  /** Creates it, and reads it again: that must show no difference from what was asked for. */
  const create = async (type: string, inputs: Properties): Promise<{ id: string; outputs: Properties }> => {
    const created = await handler(type).create(inputs, false);
    const seen = await handler(type).read(created.id, created.outputs, inputs);
    assert.ok(seen, `${type} is found again`);
    assert.deepEqual(seen.inputs, inputs);
    return created;
  };
  const remove = async (type: string, id: string, outputs: Properties): Promise<void> => {
    await handler(type).delete(id, outputs);
    assert.equal(await handler(type).read(id, outputs, outputs), undefined, `${type} is gone`);
  };
  return { hetzner, handler, create, remove };
}

const types = {
  sshKey: 'hcloud:index/sshKey:SshKey',
  server: 'hcloud:index/server:Server',
  volume: 'hcloud:index/volume:Volume',
  attachment: 'hcloud:index/volumeAttachment:VolumeAttachment',
  primaryIp: 'hcloud:index/primaryIp:PrimaryIp',
  firewall: 'hcloud:index/firewall:Firewall',
  rdns: 'hcloud:index/rdns:Rdns',
};
const labels = { haven: 'x' };

test('every type of resource is created, read without a difference, and deleted', async (t) => {
  const { create, remove, hetzner } = await openPlugin(t);
  const keyInputs = { name: 'key', publicKey: 'ssh-ed25519 YWJj', labels };
  const key = await create(types.sshKey, keyInputs);
  const ip = await create(types.primaryIp, {
    name: 'ip',
    type: 'ipv4',
    location: 'fsn1',
    autoDelete: false,
    labels,
  });
  assert.equal(ip.outputs.ipAddress, '192.0.2.10');
  const rules = [{ direction: 'in', protocol: 'tcp', port: '443', sourceIps: ['0.0.0.0/0', '::/0'] }];
  const firewall = await create(types.firewall, { name: 'wall', labels, rules });
  const server = await create(types.server, {
    ...{ name: 'one', serverType: 'cx23', image: 'debian-13', location: 'fsn1', labels },
    ...{ sshKeys: [key.id], firewallIds: [Number(firewall.id)], userData: '#cloud-config' },
    publicNets: [{ ipv4Enabled: true, ipv4: Number(ip.id), ipv6Enabled: true }],
  });
  assert.partialDeepStrictEqual(server.outputs, {
    ...{ ipv4Address: '192.0.2.10', ipv6Address: '2001:db8:5:10::1', status: 'running', primaryDiskSize: 40 },
  });
  const volume = await create(types.volume, {
    ...{ name: 'data', size: 10, location: 'fsn1', labels, deleteProtection: false },
  });
  const attachment = { volumeId: Number(volume.id), serverId: Number(server.id) };
  await create(types.attachment, attachment);
  await create(types.attachment, attachment);
  const point = { primaryIpId: Number(ip.id), ipAddress: '192.0.2.10', dnsPtr: 'one.example.org' };
  const rdns = await create(types.rdns, point);
  assert.equal(rdns.id, `p-${ip.id}-192.0.2.10`);

  await remove(types.attachment, volume.id, attachment);
  await remove(types.volume, volume.id, volume.outputs);
  await remove(types.server, server.id, server.outputs);
  await remove(types.firewall, firewall.id, firewall.outputs);
  await remove(types.primaryIp, ip.id, ip.outputs);
  await remove(types.sshKey, key.id, key.outputs);
  const { servers, volumes, primary_ips, firewalls, ssh_keys } = hetzner.state;
  assert.deepEqual([servers, volumes, primary_ips, firewalls, ssh_keys], [[], [], [], [], []]);
});

test('a volume is protected, resized and renamed in place; another location replaces it', async (t) => {
  const { create, handler, hetzner } = await openPlugin(t);
  const inputs = { name: 'data', size: 10, location: 'fsn1', labels, deleteProtection: true };
  const { id, outputs } = await create(types.volume, inputs);
  await assert.rejects(handler(types.volume).delete(id, outputs), /protected/);
  const wish = { ...inputs, name: 'renamed', size: 20, deleteProtection: false };
  assert.deepEqual(handler(types.volume).diff(id, outputs, wish, inputs), {
    ...{ changed: ['deleteProtection', 'name', 'size'], replaces: [], deleteBeforeReplace: true },
  });
  await handler(types.volume).update(id, outputs, wish, false);
  assert.partialDeepStrictEqual(hetzner.state.volumes[0], {
    ...{ name: 'renamed', size: 20, protection: { delete: false } },
  });
  const moved = handler(types.volume).diff(id, outputs, { ...inputs, location: 'hel1' }, inputs);
  assert.deepEqual(moved.replaces, ['location']);
});

test('a preview creates nothing', async (t) => {
  const { handler, hetzner } = await openPlugin(t);
  for (const type of Object.values(types)) await handler(type).create({ name: 'x' }, true);
  assert.deepEqual([hetzner.state.nextId, hetzner.orders], [1000, []]);
});

test('a server type that is sold out is refused with the message of the API', async (t) => {
  const { handler, hetzner } = await openPlugin(t);
  await hetzner.setFaults({ soldOut: ['cx23'] });
  const inputs = { name: 'one', serverType: 'cx23', image: 'debian-13', location: 'fsn1' };
  await assert.rejects(
    handler(types.server).create(inputs, false),
    /cx23 is not available in fsn1 \(resource_unavailable\)/,
  );
});
