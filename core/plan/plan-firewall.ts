import type { PlannedRelease } from './plan-releases.ts';

/** One thing that the server's firewall lets in. */
export interface FirewallRule {
  protocol: 'tcp' | 'udp' | 'icmp';
  port?: string;
  reason: string;
}

/** What is let in from the internet: SSH, and what the chosen releases listen on. */
export function planFirewall(releases: PlannedRelease[]): FirewallRule[] {
  return [
    { protocol: 'icmp', reason: 'Path MTU discovery and errors (RFC 4890 §4.3.1); ping.' },
    { protocol: 'tcp', port: '22', reason: 'SSH, keys only: how the agent is told what to do.' },
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
