import type { ResourceHandler } from '../../../components/provider/serve.ts';
import { differences } from '../properties/differences.ts';
import { unknowns } from '../properties/unknowns.ts';
import { api, changeNameAndLabels, deleted, get, labelsOf } from './client.ts';

/** hcloud.SshKey. */
export const sshKey: ResourceHandler = {
  diff: (_id, _outputs, inputs, old) => differences(inputs, old, { replaces: ['publicKey'] }),
  async create(inputs, preview) {
    if (preview) return { id: '', outputs: { ...inputs, ...unknowns(['fingerprint']) } };
    const { ssh_key } = await api<{ ssh_key: { id: number; fingerprint: string } }>('POST', '/ssh_keys', {
      name: inputs.name,
      public_key: inputs.publicKey,
      labels: labelsOf(inputs),
    });
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
    if (!preview) await changeNameAndLabels('ssh_key', id, inputs);
    return { ...outputs, ...inputs };
  },
  async delete(id) {
    await deleted(() => api('DELETE', `/ssh_keys/${id}`));
  },
};
