import type { ResourceHandler } from '../../../components/provider/serve.ts';
import { onlyAskedFor } from '../properties/asked-for.ts';
import { differences } from '../properties/differences.ts';
import { unknowns } from '../properties/unknowns.ts';
import { type Action, act, api, changeNameAndLabels, get, labelsOf, protect, settle } from './client.ts';

export interface ApiVolume {
  id: number;
  name: string;
  size: number;
  server: number | null;
  location: { name: string };
  labels: Record<string, string>;
  linux_device: string;
  protection: { delete: boolean };
}

/** hcloud.Volume. */
export const volume: ResourceHandler = {
  diff: (_id, _outputs, inputs, old) => ({
    ...differences(inputs, old, { replaces: ['location'] }),
    deleteBeforeReplace: true,
  }),
  async create(inputs, preview) {
    if (preview) return { id: '', outputs: { ...inputs, ...unknowns(['linuxDevice']) } };
    const created = await api<{ volume: ApiVolume; action: Action; next_actions: Action[] }>(
      'POST',
      '/volumes',
      {
        name: inputs.name,
        size: inputs.size,
        location: inputs.location,
        labels: labelsOf(inputs),
      },
    );
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
    const kept = onlyAskedFor(seen, inputs);
    return {
      id,
      inputs: { ...inputs, ...kept },
      outputs: { ...outputs, ...kept, linuxDevice: now.linux_device },
    };
  },
  async update(id, outputs, inputs, preview) {
    if (preview) return { ...outputs, ...inputs };
    await changeNameAndLabels('volume', id, inputs);
    if (inputs.size !== outputs.size)
      await act('POST', `/volumes/${id}/actions/resize`, { size: inputs.size });
    await protect('volume', id, inputs, outputs);
    return { ...outputs, ...inputs };
  },
  async delete(id) {
    const now = await get<ApiVolume>('volume', id);
    if (!now) return;
    if (now.server !== null) await act('POST', `/volumes/${id}/actions/detach`);
    await api('DELETE', `/volumes/${id}`);
  },
};
