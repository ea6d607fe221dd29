import type { PlannedRelease } from './plan-releases.ts';

/** One rule of the server's firewall. */
export interface FirewallRule {
  protocol: 'tcp' | 'udp' | 'icmp';
  port?: string;
  reason: string;
}

/** What the internet can reach: SSH, and the ports of the chosen services. */
export function planFirewall(releases: PlannedRelease[]): FirewallRule[] {
  return [
    { protocol: 'icmp', reason: 'Path MTU discovery and errors (RFC 4890 §4.3.1); ping.' },
    { protocol: 'tcp', port: '22', reason: 'SSH, with keys only: haven reaches the agent this way.' },
    ...releases.flatMap(rulesOf),
  ];
}

function rulesOf({ service, bundle }: PlannedRelease): FirewallRule[] {
  const { network, tcpRoutes = [] } = bundle.release;
  const listened = network.kind === 'host' ? network.ports : [];
  return [
    ...tcpRoutes.map((route) => ({
      protocol: 'tcp' as const,
      port: String(route.public),
      reason: service,
    })),
    ...listened.map(({ protocol, port }) => ({ protocol, port: String(port), reason: service })),
  ];
}
