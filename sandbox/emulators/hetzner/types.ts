/** What the sandbox Hetzner Cloud remembers. Field names are the API's own (docs.hetzner.cloud). */
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

interface Common {
  id: number;
  name: string;
  created: string;
  labels: Record<string, string>;
}
export interface SshKey extends Common {
  fingerprint: string;
  public_key: string;
}
export interface Server extends Common {
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
export interface Volume extends Common {
  size: number;
  location: string;
  server: number | null;
  status: 'available';
  format: string | null;
  protection: { delete: boolean };
}
export interface PrimaryIp extends Common {
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
  port?: string | null;
  source_ips?: string[];
  destination_ips?: string[];
  description?: string | null;
}
export interface Firewall extends Common {
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

/** What shall go wrong; set through the sandbox's own door, never by the API. */
export interface Faults {
  /** Server types that are sold out everywhere. */
  soldOut: string[];
  /** The next so many requests are answered with rate_limit_exceeded. */
  rateLimitNext: number;
  /** How many servers this project may have; the default of a new account. */
  serverLimit: number;
  /** An account that Hetzner has not verified can create nothing. */
  unverified: boolean;
  /** Outbound TCP 25 and 465 is blocked on every server, as it is for a new customer. */
  mailPortsBlocked: boolean;
}

export const initialState = (): HetznerState => ({
  nextId: 1000,
  ssh_keys: [],
  servers: [],
  volumes: [],
  primary_ips: [],
  firewalls: [],
  actions: [],
  faults: { soldOut: [], rateLimitNext: 0, serverLimit: 10, unverified: false, mailPortsBlocked: true },
});
