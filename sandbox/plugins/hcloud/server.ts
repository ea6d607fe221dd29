import { createHash } from 'node:crypto';
import type { Properties, ResourceHandler } from '../../../components/provider/serve.ts';
import { onlyAskedFor } from '../properties/asked-for.ts';
import { differences } from '../properties/differences.ts';
import { unknowns } from '../properties/unknowns.ts';
import { type Action, act, api, changeNameAndLabels, get, labelsOf, protect, settle } from './client.ts';

interface ApiServer {
  id: number;
  name: string;
  status: string;
  labels: Record<string, string>;
  location: { name: string };
  server_type: { name: string };
  image: { name: string };
  public_net: {
    ipv4: { id: number; ip: string } | null;
    ipv6: { id: number; ip: string } | null;
    firewalls: { id: number }[];
  };
  protection: { delete: boolean; rebuild: boolean };
  primary_disk_size: number;
}

const serverOutputs = (server: ApiServer): Properties => ({
  ipv4Address: server.public_net.ipv4?.ip ?? '',
  ipv6Address: server.public_net.ipv6 ? server.public_net.ipv6.ip.replace('/64', '1') : '',
  ipv6Network: server.public_net.ipv6?.ip ?? '<nil>',
  status: server.status,
  primaryDiskSize: server.primary_disk_size,
});

const hash = (text: unknown): string => createHash('sha1').update(String(text).trim()).digest('base64');

/** hcloud.Server. */
export const server: ResourceHandler = {
  diff(_id, outputs, inputs, old) {
    const { userData: _new, ...rest } = inputs;
    const { userData: _old, ...rests } = old;
    const difference = differences(rest, rests, { replaces: ['image', 'location', 'sshKeys'] });
    // State keeps the text's hash only, as the official plugin does.
    if (inputs.userData !== undefined && hash(inputs.userData) !== outputs.userData) {
      difference.changed.push('userData');
      difference.replaces?.push('userData');
    }
    return { ...difference, deleteBeforeReplace: true };
  },
  async create(inputs, preview) {
    const computed = ['ipv4Address', 'ipv6Address', 'ipv6Network', 'status', 'primaryDiskSize'];
    if (preview) return { id: '', outputs: { ...inputs, ...unknowns(computed) } };
    const net = ((inputs.publicNets ?? []) as Properties[])[0] ?? {};
    const images = await api<{ images: { id: number }[] }>(
      'GET',
      `/images?name=${inputs.image}&architecture=${await architecture(String(inputs.serverType))}&include_deprecated=true`,
    );
    if (!images.images[0]) throw new Error(`no image found with name ${inputs.image}`);
    const sshKeys = await Promise.all(((inputs.sshKeys ?? []) as string[]).map(async (key) => Number(key)));
    const created = await api<{ server: ApiServer; action: Action; next_actions: Action[] }>(
      'POST',
      '/servers',
      {
        name: inputs.name,
        server_type: inputs.serverType,
        image: images.images[0].id,
        location: inputs.location,
        ssh_keys: sshKeys,
        user_data: inputs.userData,
        labels: labelsOf(inputs),
        firewalls: ((inputs.firewallIds ?? []) as number[]).map((firewall) => ({ firewall })),
        public_net: {
          enable_ipv4: net.ipv4Enabled ?? true,
          enable_ipv6: net.ipv6Enabled ?? true,
          ...(net.ipv4 === undefined ? {} : { ipv4: net.ipv4 }),
          ...(net.ipv6 === undefined ? {} : { ipv6: net.ipv6 }),
        },
      },
    );
    await settle(created.action, ...created.next_actions);
    const id = String(created.server.id);
    await protect('server', id, inputs);
    const now = await get<ApiServer>('server', id);
    return {
      id,
      outputs: { ...inputs, userData: hash(inputs.userData ?? ''), ...serverOutputs(now ?? created.server) },
    };
  },
  async read(id, outputs, inputs) {
    const now = await get<ApiServer>('server', id);
    if (!now) return undefined;
    const seen = {
      name: now.name,
      serverType: now.server_type.name,
      image: now.image.name,
      location: now.location.name,
      labels: now.labels,
      ...(inputs.firewallIds ? { firewallIds: now.public_net.firewalls.map((each) => each.id) } : {}),
      deleteProtection: now.protection.delete,
      rebuildProtection: now.protection.rebuild,
    };
    const kept = onlyAskedFor(seen, inputs);
    return { id, inputs: { ...inputs, ...kept }, outputs: { ...outputs, ...kept, ...serverOutputs(now) } };
  },
  async update(id, outputs, inputs, preview) {
    if (preview) return { ...outputs, ...inputs, userData: outputs.userData };
    if (inputs.serverType !== outputs.serverType) {
      throw new Error('the sandbox cannot change the type of a server in place');
    }
    await changeNameAndLabels('server', id, inputs);
    await protect('server', id, inputs, outputs);
    const now = await get<ApiServer>('server', id);
    return { ...outputs, ...inputs, userData: outputs.userData, ...(now ? serverOutputs(now) : {}) };
  },
  async delete(id) {
    await act('DELETE', `/servers/${id}`);
  },
};

async function architecture(type: string): Promise<string> {
  const path = `/server_types?name=${type}`;
  const found = await api<{ server_types: { architecture: string }[] }>('GET', path);
  if (!found.server_types[0]) throw new Error(`server type ${type} not found`);
  return found.server_types[0].architecture;
}
