import type { ResourceHandler } from '../../../components/provider/serve.ts';
import { differences } from '../properties/differences.ts';
import { act, get } from './client.ts';
import type { ApiVolume } from './volume.ts';

/** hcloud.VolumeAttachment: a volume that is attached to a server. Its id is that of the volume. */
export const volumeAttachment: ResourceHandler = {
  diff: (_id, _outputs, inputs, old) => differences(inputs, old, { replaces: ['volumeId', 'serverId'] }),
  async create(inputs, preview) {
    if (preview) return { id: '', outputs: inputs };
    // After an interruption it may be attached to that very server already: that is what was wanted.
    const now = await get<ApiVolume>('volume', String(inputs.volumeId));
    if (now?.server !== inputs.serverId) {
      await act('POST', `/volumes/${inputs.volumeId}/actions/attach`, {
        server: inputs.serverId,
      });
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
    if (now && now.server !== null) await act('POST', `/volumes/${id}/actions/detach`);
  },
};
