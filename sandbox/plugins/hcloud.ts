import { type ProviderSpec, serveProvider } from '../../components/provider/serve.ts';
import { firewall } from './hcloud/firewall.ts';
import { primaryIp } from './hcloud/primary-ip.ts';
import { rdns } from './hcloud/rdns.ts';
import { server } from './hcloud/server.ts';
import { sshKey } from './hcloud/ssh-key.ts';
import { volume } from './hcloud/volume.ts';
import { volumeAttachment } from './hcloud/volume-attachment.ts';

/**
 * An emulator of the official plugin `hcloud`, for machines that cannot download it: the resource types that our
 * programs use, with the official ones' ids, outputs and rules of replacement (pulumi-hcloud 1.41).
 */
export const hcloudPlugin: ProviderSpec = {
  name: 'hcloud (sandbox)',
  version: '1.41.0',
  configure() {
    if ((process.env.HCLOUD_TOKEN ?? '').length !== 64)
      throw new Error(
        'HCLOUD_TOKEN must be set: entered token is invalid (must be exactly 64 characters long)',
      );
  },
  resources: {
    'hcloud:index/sshKey:SshKey': sshKey,
    'hcloud:index/server:Server': server,
    'hcloud:index/volume:Volume': volume,
    'hcloud:index/volumeAttachment:VolumeAttachment': volumeAttachment,
    'hcloud:index/primaryIp:PrimaryIp': primaryIp,
    'hcloud:index/firewall:Firewall': firewall,
    'hcloud:index/rdns:Rdns': rdns,
  },
};

if (import.meta.main) await serveProvider(hcloudPlugin);
