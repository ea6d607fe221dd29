import { createHash } from 'node:crypto';
import { z } from 'zod';
import { assertNameIsFree } from '../project/project.ts';
import type { SshKey } from '../project/state.ts';
import { created, noContent } from '../protocol/answers.ts';
import { labels, parseBody } from '../protocol/body.ts';
import { ApiError, invalid } from '../protocol/errors.ts';
import { type Resource, updateNameAndLabels } from './resource.ts';

const body = z.strictObject({ name: z.string().min(1), public_key: z.string().min(1), labels });

/** `/ssh_keys`: public keys that new servers let in as root. */
export const sshKeys: Resource<SshKey> = {
  singular: 'ssh_key',
  all: (state) => state.ssh_keys,
  create(project, given) {
    const wish = parseBody(body, given);
    const all = project.state.ssh_keys;
    assertNameIsFree(all, 'ssh_key', wish.name);
    const fingerprint = fingerprintOf(wish.public_key);
    if (all.some((each) => each.public_key === wish.public_key))
      throw new ApiError(409, 'uniqueness_error', 'SSH key with the same fingerprint already exists');
    const key: SshKey = { ...project.newThing(wish), public_key: wish.public_key, fingerprint };
    all.push(key);
    return created({ ssh_key: key });
  },
  update: ({ state }, key, wish) => updateNameAndLabels(state.ssh_keys, 'ssh_key', key, wish),
  delete({ state }, key) {
    state.ssh_keys = state.ssh_keys.filter((each) => each !== key);
    return noContent();
  },
  show: (_project, key) => key,
  actions: {},
};

/** MD5 in pairs of hexadecimal digits, as Hetzner shows it (RFC 4716 §4). */
function fingerprintOf(publicKey: string): string {
  const [type, data] = publicKey.trim().split(/\s+/);
  if (!type?.startsWith('ssh-') || !data) throw invalid('public_key', 'is not a valid SSH public key');
  const md5 = createHash('md5').update(Buffer.from(data, 'base64')).digest('hex');
  return md5.replace(/(..)(?!$)/g, '$1:');
}
