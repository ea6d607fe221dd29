import { createHash } from 'node:crypto';
import {
  type Properties,
  type ProviderSpec,
  type ResourceHandler,
  serveProvider,
  unknownValue,
} from '../../components/provider/serve.ts';
import { differences } from './differences.ts';

/**
 * an emulator of the official plugin `hcloud`, for machines that can't download it: the resource types that our
 * programs use, with the official ones' ids, outputs and rules of replacement (pulumi-hcloud 1.41). It talks to
 * whatever HCLOUD_ENDPOINT names, as the official one does.
 */
const endpoint = (process.env.HCLOUD_ENDPOINT ?? 'https://api.hetzner.cloud/v1').replace(/\/$/, '');

interface ApiProblem {
  error: { code: string; message: string };
}

async function api(method: string, path: string, body?: unknown): Promise<Record<string, never>> {
  for (let tries = 0; ; tries++) {
    const response = await fetch(`${endpoint}${path}`, {
      method,
      headers: { authorization: `Bearer ${process.env.HCLOUD_TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const value = text ? JSON.parse(text) : {};
    if (response.ok) return value;
    const { code, message } = (value as ApiProblem).error;
    // The official client tries these again, five times, ever slower.
    if (['conflict', 'rate_limit_exceeded'].includes(code) && tries < 5) {
      await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** tries));
      continue;
    }
    throw Object.assign(new Error(`${message} (${code})`), { code });
  }
}

const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code;

/** Undefined where the thing is gone. */
async function get<T>(kind: string, id: string): Promise<T | undefined> {
  try {
    return (await api('GET', `/${kind}s/${id}`))[kind] as T;
  } catch (error) {
    if (codeOf(error) === 'not_found') return undefined;
    throw error;
  }
}

interface Action {
  id: number;
  status: string;
  error: { code: string; message: string } | null;
}

async function settle(...actions: (Action | null | undefined)[]): Promise<void> {
  for (const action of actions) {
    if (!action) continue;
    let now = action;
    for (let pause = 100; now.status === 'running'; pause = Math.min(pause * 1.5, 1000)) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      const { actions: found } = (await api(
        'GET',
        `/actions?id=${action.id}&page=1&sort=status&sort=id`,
      )) as unknown as { actions: Action[] };
      now = found[0] ?? now;
    }
    if (now.status === 'error') throw new Error(`${now.error?.message} (${now.error?.code}, ${now.id})`);
  }
}

const labelsOf = (inputs: Properties): Record<string, string> =>
  (inputs.labels ?? {}) as Record<string, string>;
const when = (unknown: string[]): Properties => Object.fromEntries(unknown.map((key) => [key, unknownValue]));

async function protect(kind: string, id: string, inputs: Properties, old: Properties = {}): Promise<void> {
  const wanted = Boolean(inputs.deleteProtection);
  if (wanted === Boolean(old.deleteProtection)) return;
  const body =
    kind === 'server' ? { delete: wanted, rebuild: Boolean(inputs.rebuildProtection) } : { delete: wanted };
  await settle(
    ((await api('POST', `/${kind}s/${id}/actions/change_protection`, body)) as unknown as { action: Action })
      .action,
  );
}

/** Name and labels, which every kind changes in the same way. */
async function put(kind: string, id: string, inputs: Properties): Promise<void> {
  await api('PUT', `/${kind}s/${id}`, { name: inputs.name, labels: labelsOf(inputs) });
}

const sshKey: ResourceHandler = {
  diff: (_id, _outputs, inputs, old) => differences(inputs, old, { replaces: ['publicKey'] }),
  async create(inputs, preview) {
    if (preview) return { id: '', outputs: { ...inputs, ...when(['fingerprint']) } };
    const { ssh_key } = (await api('POST', '/ssh_keys', {
      name: inputs.name,
      public_key: inputs.publicKey,
      labels: labelsOf(inputs),
    })) as unknown as { ssh_key: { id: number; fingerprint: string } };
    return { id: String(ssh_key.id), outputs: { ...inputs, fingerprint: ssh_key.fingerprint } };
  },
  async read(id) {
    const key = await get<{
      name: string;
      public_key: string;
      fingerprint: string;
      labels: Record<string, string>;
    }>('ssh_key', id);
    if (!key) return undefined;
    const inputs = { name: key.name, publicKey: key.public_key, labels: key.labels };
    return { id, inputs, outputs: { ...inputs, fingerprint: key.fingerprint } };
  },
  async update(id, outputs, inputs, preview) {
    if (!preview) await put('ssh_key', id, inputs);
    return { ...outputs, ...inputs };
  },
  async delete(id) {
    await ignoring('not_found', () => api('DELETE', `/ssh_keys/${id}`));
  },
};

async function ignoring(code: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (codeOf(error) !== code) throw error;
  }
}

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

const server: ResourceHandler = {
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
    if (preview) return { id: '', outputs: { ...inputs, ...when(computed) } };
    const net = ((inputs.publicNets ?? []) as Properties[])[0] ?? {};
    const images = (await api(
      'GET',
      `/images?name=${inputs.image}&architecture=${await architecture(String(inputs.serverType))}&include_deprecated=true`,
    )) as unknown as { images: { id: number }[] };
    if (!images.images[0]) throw new Error(`no image found with name ${inputs.image}`);
    const sshKeys = await Promise.all(((inputs.sshKeys ?? []) as string[]).map(async (key) => Number(key)));
    const created = (await api('POST', '/servers', {
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
    })) as unknown as { server: ApiServer; action: Action; next_actions: Action[] };
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
    const kept = Object.fromEntries(Object.entries(seen).filter(([key]) => key in inputs));
    return { id, inputs: { ...inputs, ...kept }, outputs: { ...outputs, ...kept, ...serverOutputs(now) } };
  },
  async update(id, outputs, inputs, preview) {
    if (preview) return { ...outputs, ...inputs, userData: outputs.userData };
    if (inputs.serverType !== outputs.serverType) {
      throw new Error('the sandbox cannot change the type of a server in place');
    }
    await put('server', id, inputs);
    await protect('server', id, inputs, outputs);
    const now = await get<ApiServer>('server', id);
    return { ...outputs, ...inputs, userData: outputs.userData, ...(now ? serverOutputs(now) : {}) };
  },
  async delete(id) {
    await settle(((await api('DELETE', `/servers/${id}`)) as unknown as { action: Action }).action);
  },
};

async function architecture(type: string): Promise<string> {
  const found = (await api('GET', `/server_types?name=${type}`)) as unknown as {
    server_types: { architecture: string }[];
  };
  if (!found.server_types[0]) throw new Error(`server type ${type} not found`);
  return found.server_types[0].architecture;
}

interface ApiVolume {
  id: number;
  name: string;
  size: number;
  server: number | null;
  location: { name: string };
  labels: Record<string, string>;
  linux_device: string;
  protection: { delete: boolean };
}

const volume: ResourceHandler = {
  diff: (_id, _outputs, inputs, old) => ({
    ...differences(inputs, old, { replaces: ['location'] }),
    deleteBeforeReplace: true,
  }),
  async create(inputs, preview) {
    if (preview) return { id: '', outputs: { ...inputs, ...when(['linuxDevice']) } };
    const created = (await api('POST', '/volumes', {
      name: inputs.name,
      size: inputs.size,
      location: inputs.location,
      labels: labelsOf(inputs),
    })) as unknown as { volume: ApiVolume; action: Action; next_actions: Action[] };
    await settle(created.action, ...created.next_actions);
    await protect('volume', String(created.volume.id), inputs);
    return {
      id: String(created.volume.id),
      outputs: { ...inputs, linuxDevice: created.volume.linux_device },
    };
  },
  async read(id, outputs, inputs) {
    const now = await get<ApiVolume>('volume', id);
    if (!now) return undefined;
    const seen = {
      name: now.name,
      size: now.size,
      location: now.location.name,
      labels: now.labels,
      deleteProtection: now.protection.delete,
    };
    const kept = Object.fromEntries(Object.entries(seen).filter(([key]) => key in inputs));
    return {
      id,
      inputs: { ...inputs, ...kept },
      outputs: { ...outputs, ...kept, linuxDevice: now.linux_device },
    };
  },
  async update(id, outputs, inputs, preview) {
    if (preview) return { ...outputs, ...inputs };
    await put('volume', id, inputs);
    if (inputs.size !== outputs.size)
      await settle(
        (
          (await api('POST', `/volumes/${id}/actions/resize`, { size: inputs.size })) as unknown as {
            action: Action;
          }
        ).action,
      );
    await protect('volume', id, inputs, outputs);
    return { ...outputs, ...inputs };
  },
  async delete(id) {
    const now = await get<ApiVolume>('volume', id);
    if (!now) return;
    if (now.server !== null)
      await settle(
        ((await api('POST', `/volumes/${id}/actions/detach`)) as unknown as { action: Action }).action,
      );
    await api('DELETE', `/volumes/${id}`);
  },
};

const volumeAttachment: ResourceHandler = {
  diff: (_id, _outputs, inputs, old) => differences(inputs, old, { replaces: ['volumeId', 'serverId'] }),
  async create(inputs, preview) {
    if (preview) return { id: '', outputs: inputs };
    // After an interruption it may be attached to that very server already: that is what was wanted.
    const now = await get<ApiVolume>('volume', String(inputs.volumeId));
    if (now?.server !== inputs.serverId) {
      await settle(
        (
          (await api('POST', `/volumes/${inputs.volumeId}/actions/attach`, {
            server: inputs.serverId,
          })) as unknown as { action: Action }
        ).action,
      );
    }
    return { id: String(inputs.volumeId), outputs: inputs };
  },
  async read(id, outputs, inputs) {
    const now = await get<ApiVolume>('volume', id);
    if (!now || now.server === null) return undefined;
    const seen = { ...inputs, volumeId: Number(id), serverId: now.server };
    return { id, inputs: seen, outputs: { ...outputs, ...seen } };
  },
  update: async () => {
    throw new Error('a volume attachment has nothing that can be changed in place');
  },
  async delete(id) {
    const now = await get<ApiVolume>('volume', id);
    if (now && now.server !== null)
      await settle(
        ((await api('POST', `/volumes/${id}/actions/detach`)) as unknown as { action: Action }).action,
      );
  },
};

interface ApiPrimaryIp {
  id: number;
  name: string;
  type: 'ipv4' | 'ipv6';
  ip: string;
  location: { name: string };
  labels: Record<string, string>;
  assignee_id: number | null;
  auto_delete: boolean;
  dns_ptr: { ip: string; dns_ptr: string }[];
  protection: { delete: boolean };
}

const ipOutputs = (ip: ApiPrimaryIp): Properties => ({
  ipAddress: ip.ip.replace('::/64', '::'),
  ...(ip.type === 'ipv6' ? { ipNetwork: ip.ip } : {}),
  assigneeId: ip.assignee_id ?? 0,
});

const primaryIp: ResourceHandler = {
  check(inputs) {
    if ((inputs.location === undefined) === (inputs.assigneeId === undefined))
      return [{ property: 'location', reason: 'exactly one of location and assigneeId is needed' }];
    if (inputs.datacenter !== undefined) return [{ property: 'datacenter', reason: 'Removed Attribute' }];
    return [];
  },
  diff: (_id, _outputs, inputs, old) => differences(inputs, old, { replaces: ['type', 'location'] }),
  async create(inputs, preview) {
    if (preview) return { id: '', outputs: { ...inputs, ...when(['ipAddress', 'ipNetwork', 'assigneeId']) } };
    const created = (await api('POST', '/primary_ips', {
      name: inputs.name,
      type: inputs.type,
      auto_delete: inputs.autoDelete ?? false,
      labels: labelsOf(inputs),
      location: inputs.location,
    })) as unknown as { primary_ip: ApiPrimaryIp };
    await protect('primary_ip', String(created.primary_ip.id), inputs);
    return { id: String(created.primary_ip.id), outputs: { ...inputs, ...ipOutputs(created.primary_ip) } };
  },
  async read(id, outputs, inputs) {
    const now = await get<ApiPrimaryIp>('primary_ip', id);
    if (!now) return undefined;
    const seen = {
      name: now.name,
      type: now.type,
      location: now.location.name,
      labels: now.labels,
      autoDelete: now.auto_delete,
      deleteProtection: now.protection.delete,
    };
    const kept = Object.fromEntries(Object.entries(seen).filter(([key]) => key in inputs));
    return { id, inputs: { ...inputs, ...kept }, outputs: { ...outputs, ...kept, ...ipOutputs(now) } };
  },
  async update(id, outputs, inputs, preview) {
    if (preview) return { ...outputs, ...inputs };
    await protect('primary_ip', id, inputs, outputs);
    await api('PUT', `/primary_ips/${id}`, {
      name: inputs.name,
      labels: labelsOf(inputs),
      auto_delete: inputs.autoDelete ?? false,
    });
    return { ...outputs, ...inputs };
  },
  async delete(id) {
    await ignoring('not_found', () => api('DELETE', `/primary_ips/${id}`));
  },
};

const ruleToApi = (rule: Properties) => ({
  direction: rule.direction,
  protocol: rule.protocol,
  port: rule.port,
  source_ips: rule.sourceIps,
  destination_ips: rule.destinationIps,
  description: rule.description,
});
const ruleFromApi = (rule: Record<string, unknown>): Properties =>
  Object.fromEntries(
    Object.entries({
      direction: rule.direction,
      protocol: rule.protocol,
      port: rule.port,
      sourceIps: rule.source_ips,
      destinationIps: rule.destination_ips,
      description: rule.description,
    }).filter(
      ([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );

const firewall: ResourceHandler = {
  diff: (_id, _outputs, inputs, old) => differences(inputs, old),
  async create(inputs, preview) {
    if (preview) return { id: '', outputs: inputs };
    const created = (await api('POST', '/firewalls', {
      name: inputs.name,
      labels: labelsOf(inputs),
      rules: ((inputs.rules ?? []) as Properties[]).map(ruleToApi),
    })) as unknown as { firewall: { id: number }; actions: Action[] };
    await settle(...created.actions);
    return { id: String(created.firewall.id), outputs: inputs };
  },
  async read(id, outputs, inputs) {
    const now = await get<{ name: string; labels: Record<string, string>; rules: Record<string, unknown>[] }>(
      'firewall',
      id,
    );
    if (!now) return undefined;
    const seen = { name: now.name, labels: now.labels, rules: now.rules.map(ruleFromApi) };
    return { id, inputs: { ...inputs, ...seen }, outputs: { ...outputs, ...seen } };
  },
  async update(id, outputs, inputs, preview) {
    if (preview) return { ...outputs, ...inputs };
    await put('firewall', id, inputs);
    const { actions } = (await api('POST', `/firewalls/${id}/actions/set_rules`, {
      rules: ((inputs.rules ?? []) as Properties[]).map(ruleToApi),
    })) as unknown as { actions: Action[] };
    await settle(...actions);
    return { ...outputs, ...inputs };
  },
  async delete(id) {
    await ignoring('not_found', () => api('DELETE', `/firewalls/${id}`));
  },
};

const rdns: ResourceHandler = {
  diff: (_id, _outputs, inputs, old) =>
    differences(inputs, old, { replaces: ['ipAddress', 'serverId', 'primaryIpId'] }),
  async create(inputs, preview) {
    if (preview) return { id: '', outputs: inputs };
    await point(String(inputs.primaryIpId), String(inputs.ipAddress), String(inputs.dnsPtr));
    return { id: `p-${inputs.primaryIpId}-${inputs.ipAddress}`, outputs: inputs };
  },
  async read(id, outputs, inputs) {
    const [, owner = '', ip = ''] = /^p-(\d+)-(.*)$/.exec(id) ?? [];
    const now = await get<ApiPrimaryIp>('primary_ip', owner);
    const found = now?.dns_ptr.find((each) => each.ip === ip);
    if (!found) return undefined;
    const seen = { primaryIpId: Number(owner), ipAddress: ip, dnsPtr: found.dns_ptr };
    return { id, inputs: { ...inputs, ...seen }, outputs: { ...outputs, ...seen } };
  },
  async update(_id, outputs, inputs, preview) {
    if (!preview) await point(String(inputs.primaryIpId), String(inputs.ipAddress), String(inputs.dnsPtr));
    return { ...outputs, ...inputs };
  },
  async delete(_id, outputs) {
    await ignoring('not_found', () => point(String(outputs.primaryIpId), String(outputs.ipAddress), null));
  },
};

async function point(owner: string, ip: string, name: string | null): Promise<void> {
  await settle(
    (
      (await api('POST', `/primary_ips/${owner}/actions/change_dns_ptr`, {
        ip,
        dns_ptr: name,
      })) as unknown as { action: Action }
    ).action,
  );
}

/** Emulates the official plugin where that can't be had. */
export const hcloudPlugin: ProviderSpec = {
  name: 'hcloud (sandbox)',
  version: '1.41.0',
  configure() {
    if ((process.env.HCLOUD_TOKEN ?? '').length !== 64)
      throw new Error(
        'HCLOUD_TOKEN must be set: entered token is invalid (must be exactly 64 characters long)',
      );
  },
  resources: {
    'hcloud:index/sshKey:SshKey': sshKey,
    'hcloud:index/server:Server': server,
    'hcloud:index/volume:Volume': volume,
    'hcloud:index/volumeAttachment:VolumeAttachment': volumeAttachment,
    'hcloud:index/primaryIp:PrimaryIp': primaryIp,
    'hcloud:index/firewall:Firewall': firewall,
    'hcloud:index/rdns:Rdns': rdns,
  },
};

if (import.meta.main) await serveProvider(hcloudPlugin);
