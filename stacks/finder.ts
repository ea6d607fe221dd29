import type { Environment } from '../components/api-call.ts';
import { providerOfResource } from '../components/dns-providers.ts';
import { HetznerApi } from '../components/hetzner-api.ts';
import type { Finder } from './pending.ts';

const kinds: Record<string, string> = {
  'hcloud:index/server:Server': 'servers',
  'hcloud:index/volume:Volume': 'volumes',
  'hcloud:index/primaryIp:PrimaryIp': 'primary_ips',
  'hcloud:index/firewall:Firewall': 'firewalls',
  'hcloud:index/sshKey:SshKey': 'ssh_keys',
};

/** Looks for resources with our mark at Hetzner and at DNS providers. */
export function createFinder(env: Environment): Finder {
  const hetzner = new HetznerApi(env);

  return async (type, inputs) => {
    const kind = kinds[type];
    if (kind) {
      const labels = (inputs.labels ?? {}) as Record<string, string>;
      if (!labels.haven) return undefined;
      const found = await hetzner.labelled<{ id: number }>(kind, labels);
      return found[0] && String(found[0].id);
    }
    if (type === 'hcloud:index/volumeAttachment:VolumeAttachment') {
      const { volume } = await hetzner.call<{ volume: { server: number | null } }>(
        'GET',
        `/volumes/${inputs.volumeId}`,
      );
      return volume.server === inputs.serverId ? String(inputs.volumeId) : undefined;
    }
    const zones = providerOfResource(type)?.open?.(env);
    if (zones) return zones.find(inputs);
    // Reverse DNS, commands, releases and certificates can simply be created again with the same result.
    return undefined;
  };
}
