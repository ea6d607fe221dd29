import { trustFile, webRootsFile } from './host/paths.ts';
import { ports } from './host/ports.ts';
import { acmeDirectory, caaIdentity } from './internet/acme-gateway.ts';
import { network } from './machine/network.ts';
import { tokens } from './tokens.ts';

/** The environment variables with which a program uses the sandbox instead of the real APIs. */
export function sandboxEnvironment(): Record<string, string> {
  return {
    HCLOUD_TOKEN: tokens.hetzner,
    HCLOUD_ENDPOINT: `http://${network.hostIpv4}:${ports.hetzner}/v1`,
    CLOUDFLARE_API_TOKEN: tokens.cloudflare,
    CLOUDFLARE_BASE_URL: `http://${network.hostIpv4}:${ports.cloudflare}/client/v4/`,
    HAVEN_ACME_DIRECTORY: acmeDirectory,
    HAVEN_ACME_CAA_IDENTITY: caaIdentity,
    HAVEN_ACME_TRUST: trustFile,
    HAVEN_ACME_ADDRESS: network.hostIpv4,
    HAVEN_RESOLVER: network.internetIpv4,
    HAVEN_WEB_TRUST: webRootsFile,
    HAVEN_IMAGES: `http://${network.hostIpv4}:${ports.images}/`,
  };
}
