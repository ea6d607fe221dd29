import type { Finder } from './pending.ts';

/** Looks for what carries our mark at Hetzner and Cloudflare. */
export function createFinder(env: NodeJS.ProcessEnv): Finder {
  const hetzner = async (path: string): Promise<Record<string, unknown>> => {
    const base = (env.HCLOUD_ENDPOINT ?? 'https://api.hetzner.cloud/v1').replace(/\/$/, '');
    const answer = await fetch(base + path, { headers: { authorization: `Bearer ${env.HCLOUD_TOKEN}` } });
    if (!answer.ok) throw new Error(`Hetzner answers ${answer.status} to ${path}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const cloudflare = async (path: string): Promise<unknown> => {
    const base = (env.CLOUDFLARE_BASE_URL ?? 'https://api.cloudflare.com/client/v4/').replace(/\/?$/, '/');
    const answer = await fetch(base + path, {
      headers: { authorization: `Bearer ${env.CLOUDFLARE_API_TOKEN}` },
    });
    if (!answer.ok) throw new Error(`Cloudflare answers ${answer.status} to ${path}`);
    return ((await answer.json()) as { result: unknown }).result;
  };
  const kinds: Record<string, string> = {
    'hcloud:index/server:Server': 'servers',
    'hcloud:index/volume:Volume': 'volumes',
    'hcloud:index/primaryIp:PrimaryIp': 'primary_ips',
    'hcloud:index/firewall:Firewall': 'firewalls',
    'hcloud:index/sshKey:SshKey': 'ssh_keys',
  };

  return async (type, inputs) => {
    const kind = kinds[type];
    if (kind) {
      const labels = (inputs.labels ?? {}) as Record<string, string>;
      const selector = Object.entries(labels)
        .map(([key, value]) => `${key}==${value}`)
        .join(',');
      if (!labels.haven) return undefined;
      const found = (await hetzner(`/${kind}?label_selector=${encodeURIComponent(selector)}`))[kind] as {
        id: number;
      }[];
      return found[0] && String(found[0].id);
    }
    if (type === 'hcloud:index/volumeAttachment:VolumeAttachment') {
      const { volume } = (await hetzner(`/volumes/${inputs.volumeId}`)) as {
        volume: { server: number | null };
      };
      return volume.server === inputs.serverId ? String(inputs.volumeId) : undefined;
    }
    if (type === 'cloudflare:index/dnsRecord:DnsRecord') {
      const query = new URLSearchParams({ 'name.exact': String(inputs.name), type: String(inputs.type) });
      const found = (await cloudflare(`zones/${inputs.zoneId}/dns_records?${query}`)) as {
        id: string;
        comment: string | null;
      }[];
      return found.find((each) => each.comment === inputs.comment)?.id;
    }
    // Pointers, commands, releases and certificates give the same when they are done again.
    return undefined;
  };
}
