import type { Cloud } from './failure-table.ts';
import { type FaultOf, listenFaulty } from './faulty-api.ts';

/** Faults at Hetzner's API; at calls that meet none, the emulator answers. */
export const atHetzner = (faultOf: FaultOf) => async (cloud: Cloud) => {
  process.env.HCLOUD_ENDPOINT = await listenFaulty(cloud.hetzner.url, faultOf);
};
/** The same at Cloudflare's. */
export const atCloudflare = (faultOf: FaultOf) => async (cloud: Cloud) => {
  process.env.CLOUDFLARE_BASE_URL = await listenFaulty(cloud.cloudflare.url, faultOf);
};

/** A server at Hetzner that belongs to no cloud of ours. */
export const otherServer = (id: number, name: string) => ({
  id,
  name,
  created: '2026-01-01T00:00:00Z',
  labels: {},
  status: 'running' as const,
  server_type: 'cx23',
  image: 310000,
  location: 'fsn1',
  ssh_keys: [],
  ipv4: null,
  ipv6: null,
  firewalls: [],
  protection: { delete: false, rebuild: false },
  rescue_enabled: false,
});
