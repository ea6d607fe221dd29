import { CloudflareApi } from '../components/cloudflare-api.ts';
import { HetznerApi } from '../components/hetzner-api.ts';
import type { Finder } from './pending.ts';

const kinds: Record<string, string> = {
  'hcloud:index/server:Server': 'servers',
  'hcloud:index/volume:Volume': 'volumes',
  'hcloud:index/primaryIp:PrimaryIp': 'primary_ips',
  'hcloud:index/firewall:Firewall': 'firewalls',
  'hcloud:index/sshKey:SshKey': 'ssh_keys',
};

interface CloudflareRecord {
  id: string;
  comment: string | null;
  data?: { certificate?: string };
}

/** Looks for what carries our mark at Hetzner and Cloudflare. */
export function createFinder(env: NodeJS.ProcessEnv): Finder {
  const hetzner = new HetznerApi(env);
  const cloudflare = new CloudflareApi(env);

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
    if (type === 'cloudflare:index/dnsRecord:DnsRecord') {
      const query = new URLSearchParams({ 'name.exact': String(inputs.name), type: String(inputs.type) });
      const found = await cloudflare.list<CloudflareRecord>(`zones/${inputs.zoneId}/dns_records?${query}`);
      const { certificate } = (inputs.data ?? {}) as { certificate?: string };
      // Of TLSA there are two at a name, told apart by what they say.
      return found.find((each) => each.comment === inputs.comment && each.data?.certificate === certificate)
        ?.id;
    }
    // Pointers, commands, releases and certificates give the same when they are done again.
    return undefined;
  };
}
