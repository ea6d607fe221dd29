import { HetznerApi } from '../../components/hetzner-api.ts';
import { liftProtection } from '../../components/hetzner-protection.ts';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import { waitUntil } from '../../system/wait-until.ts';

/** Deletes all that a cloud has at the data centre, as if its account were gone: server, volume, addresses, firewall, keys. */
export async function loseAccount(havenId: string): Promise<void> {
  const hetzner = new HetznerApi(sandboxEnvironment());
  const labels = { haven: havenId };
  const all = (kind: string) => hetzner.labelled<{ id: number }>(kind, labels);
  const removeAll = async (kind: string): Promise<void> => {
    for (const { id } of await all(kind)) await hetzner.call('DELETE', `/${kind}/${id}`);
    await waitUntil(`${kind} to be deleted`, async () => (await all(kind)).length === 0);
  };
  await liftProtection(havenId, hetzner);
  await removeAll('servers');
  for (const kind of ['volumes', 'primary_ips', 'firewalls', 'ssh_keys']) await removeAll(kind);
}
