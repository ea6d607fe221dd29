import { type Faults, noFaults } from './faults.ts';

/** What a project at Hetzner Cloud holds. Field names are the API's own (docs.hetzner.cloud). */
export interface HetznerState {
  nextId: number;
  ssh_keys: SshKey[];
  servers: Server[];
  volumes: Volume[];
  primary_ips: PrimaryIp[];
  firewalls: Firewall[];
  actions: Action[];
  faults: Faults;
}

/** What every resource has. */
export interface Thing {
  id: number;
  name: string;
  created: string;
  labels: Record<string, string>;
}
export interface SshKey extends Thing {
  fingerprint: string;
  public_key: string;
}
export interface Server extends Thing {
  status: 'initializing' | 'running' | 'off' | 'deleting';
  server_type: string;
  image: number;
  location: string;
  ssh_keys: number[];
  ipv4: number | null;
  ipv6: number | null;
  firewalls: number[];
  protection: { delete: boolean; rebuild: boolean };
  rescue_enabled: boolean;
}
export interface Volume extends Thing {
  size: number;
  location: string;
  server: number | null;
  status: 'available';
  format: string | null;
  protection: { delete: boolean };
}
export interface PrimaryIp extends Thing {
  type: 'ipv4' | 'ipv6';
  /** An IPv4 address, or an IPv6 network. */
  ip: string;
  location: string;
  assignee_id: number | null;
  auto_delete: boolean;
  dns_ptr: { ip: string; dns_ptr: string }[];
  protection: { delete: boolean };
  /** Which of the network's addresses it is. */
  slot: number;
}
export interface FirewallRule {
  direction: 'in' | 'out';
  protocol: 'tcp' | 'udp' | 'icmp' | 'esp' | 'gre';
  port?: string | null | undefined;
  source_ips?: string[] | null | undefined;
  destination_ips?: string[] | null | undefined;
  description?: string | null | undefined;
}
export interface Firewall extends Thing {
  rules: FirewallRule[];
  servers: number[];
}
export interface Action {
  id: number;
  command: string;
  status: 'running' | 'success' | 'error';
  progress: number;
  started: string;
  finished: string | null;
  error: { code: string; message: string } | null;
  resources: { id: number; type: string }[];
}

/** A new and empty project. */
export const initialState = (): HetznerState => ({
  nextId: 1000,
  ssh_keys: [],
  servers: [],
  volumes: [],
  primary_ips: [],
  firewalls: [],
  actions: [],
  faults: noFaults(),
});
