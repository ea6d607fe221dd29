import type { Faults, MailPorts } from '../emulators/hetzner/project/faults.ts';
import type { FirewallRule } from '../emulators/hetzner/project/state.ts';

export interface GuardedServer {
  ipv4: string | undefined;
  /** A network, `2001:db8::/64`. */
  ipv6: string | undefined;
  /** Inbound rules of all of its firewalls; undefined when it has none, which lets everything in. */
  rules: FirewallRule[] | undefined;
}

/** A slow connection gets through its handshake at once, and then two packets a second. */
const mailRules: Record<MailPorts, string[]> = {
  open: [],
  blocked: ['drop'],
  slow: ['limit rate over 2/second burst 5 packets drop'],
};

/**
 * The data centre's firewall as an nftables table of the bridge. This kernel's bridges track no connections, so it
 * goes by the packets alone: TCP that begins a connection must be allowed, what belongs to one passes; UDP to a port
 * below 32768 must be allowed, answers to what a server asked pass above it (a gap, docs/sandbox-gaps.md).
 */
export function renderDataCentreFirewall(
  servers: GuardedServer[],
  outgoingMail: Faults['outgoingMail'],
): string {
  const inbound: string[] = [];
  const outbound: string[] = [];
  for (const server of servers) {
    for (const [family, address, mailPorts] of [
      ['ip', server.ipv4, outgoingMail.ipv4],
      ['ip6', server.ipv6, outgoingMail.ipv6],
    ] as const) {
      if (!address) continue;
      if (server.rules) inbound.push(...inboundRules(family, address, server.rules));
      outbound.push(
        ...mailRules[mailPorts].map(
          (verdict) => `    ${family} saddr ${address} tcp dport { 25, 465 } ${verdict}`,
        ),
      );
    }
  }
  return [
    'add table bridge haven_try',
    'delete table bridge haven_try',
    'table bridge haven_try {',
    '  chain inbound {',
    '    type filter hook postrouting priority 0; policy accept;',
    ...inbound,
    '  }',
    '  chain outbound {',
    '    type filter hook prerouting priority 0; policy accept;',
    ...outbound,
    '  }',
    '}',
    '',
  ].join('\n');
}

function inboundRules(family: 'ip' | 'ip6', address: string, rules: FirewallRule[]): string[] {
  const to = `    ${family} daddr ${address}`;
  const allowed = rules.flatMap((rule) => {
    const sources = (rule.source_ips ?? []).filter((each) => each.includes(':') === (family === 'ip6'));
    if (sources.length === 0) return [];
    const anywhere = sources.some((each) => each.endsWith('/0'));
    const from = anywhere ? '' : ` ${family} saddr { ${sources.join(', ')} }`;
    if (rule.protocol === 'icmp')
      return [`${to}${from} meta l4proto ${family === 'ip' ? 'icmp' : 'ipv6-icmp'} accept`];
    if (rule.protocol !== 'tcp' && rule.protocol !== 'udp') return [];
    return [
      `${to}${from} ${rule.protocol} dport ${rule.port === 'any' || !rule.port ? '1-65535' : rule.port} accept`,
    ];
  });
  const neighbours =
    family === 'ip6'
      ? [`${to} icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept`]
      : [];
  return [
    ...neighbours,
    ...allowed,
    // The first packet of a connection has SYN without ACK (RFC 9293 §3.5); only it needs a rule.
    `${to} tcp flags & (syn | ack) == syn drop`,
    `${to} udp dport < 32768 udp sport != 53 drop`,
    `${to} meta l4proto ${family === 'ip' ? 'icmp' : 'ipv6-icmp'} drop`,
  ];
}
