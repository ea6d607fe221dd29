import { randomBytes } from 'node:crypto';
import { ApiError, unlessGone } from './api-call.ts';
import type { HetznerApi } from './hetzner-api.ts';

const label = 'haven-write-test';

/** For owners who find one: what an attempt that was killed leaves. */
export const hetznerLeftover = `an empty firewall whose name begins with "${label}"`;

/**
 * Whether a token may write: creates an empty firewall, which is free and which no server uses, and deletes it. First deletes
 * what an attempt that was killed in between left.
 */
export async function mayWriteAtHetzner(hetzner: HetznerApi): Promise<boolean> {
  const remove = ({ id }: { id: number }) => unlessGone(() => hetzner.call('DELETE', `/firewalls/${id}`));
  try {
    const left = await hetzner.labelled<{ id: number }>('firewalls', { [label]: 'true' });
    for (const each of left) await remove(each);
    const name = `${label}-${randomBytes(4).toString('hex')}`;
    const { firewall } = await hetzner.call<{ firewall: { id: number } }>('POST', '/firewalls', {
      name,
      labels: { [label]: 'true' },
    });
    await remove(firewall);
    return true;
  } catch (error) {
    // 403 with `token_readonly` or `forbidden` (docs.hetzner.cloud, "Errors").
    if (error instanceof ApiError && error.status === 403 && error.code !== 'resource_limit_exceeded') {
      if (/not yet verified/.test(error.why)) throw error;
      return false;
    }
    throw error;
  }
}
