import type { HetznerApi } from './hetzner-api.ts';

/**
 * Removes the protection of everything with this haven's label, so that it can be deleted. Only `destroy --with-data`
 * does this.
 */
export async function liftProtection(havenId: string, hetzner: HetznerApi): Promise<void> {
  for (const kind of ['volumes', 'primary_ips']) {
    const found = await hetzner.labelled<{ id: number; protection: { delete: boolean } }>(kind, {
      haven: havenId,
    });
    for (const each of found.filter(({ protection }) => protection.delete))
      await hetzner.call('POST', `/${kind}/${each.id}/actions/change_protection`, { delete: false });
  }
}
