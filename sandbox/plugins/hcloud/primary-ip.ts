import type { Properties, ResourceHandler } from '../../../components/provider/serve.ts';
import { onlyAskedFor } from '../properties/asked-for.ts';
import { differences } from '../properties/differences.ts';
import { unknowns } from '../properties/unknowns.ts';
import { api, deleted, get, labelsOf, protect } from './client.ts';

export interface ApiPrimaryIp {
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

/** hcloud.PrimaryIp. */
export const primaryIp: ResourceHandler = {
  check(inputs) {
    if ((inputs.location === undefined) === (inputs.assigneeId === undefined))
      return [{ property: 'location', reason: 'exactly one of location and assigneeId is required' }];
    if (inputs.datacenter !== undefined) return [{ property: 'datacenter', reason: 'Removed Attribute' }];
    return [];
  },
  diff: (_id, _outputs, inputs, old) => differences(inputs, old, { replaces: ['type', 'location'] }),
  async create(inputs, preview) {
    if (preview)
      return { id: '', outputs: { ...inputs, ...unknowns(['ipAddress', 'ipNetwork', 'assigneeId']) } };
    const created = await api<{ primary_ip: ApiPrimaryIp }>('POST', '/primary_ips', {
      name: inputs.name,
      type: inputs.type,
      auto_delete: inputs.autoDelete ?? false,
      labels: labelsOf(inputs),
      location: inputs.location,
    });
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
    const kept = onlyAskedFor(seen, inputs);
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
    await deleted(() => api('DELETE', `/primary_ips/${id}`));
  },
};
