import type { ResourceHandler } from '../../../components/provider/serve.ts';
import { differences } from '../properties/differences.ts';
import { act, deleted, get } from './client.ts';
import type { ApiPrimaryIp } from './primary-ip.ts';

/** hcloud.Rdns: the name that an address points back to. Its id is `p-ADDRESS ID-ADDRESS`. */
export const rdns: ResourceHandler = {
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
    await deleted(() => point(String(outputs.primaryIpId), String(outputs.ipAddress), null));
  },
};

async function point(owner: string, ip: string, name: string | null): Promise<void> {
  await act('POST', `/primary_ips/${owner}/actions/change_dns_ptr`, {
    ip,
    dns_ptr: name,
  });
}
