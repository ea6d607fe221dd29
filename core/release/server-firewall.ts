import { renderTrialFirewall, type TrialFirewall } from './trial-firewall.ts';

/** The names of the tables, all of the family `inet`. */
export const serverTables = ['haven_metadata', 'haven_ipv6', 'haven_trial'] as const;

/**
 * Addresses of containers that send over IPv6 (RFC 4193). Those of all clouds, because no packet with one leaves a server.
 */
export const containerIpv6 = 'fd68:6176:656e::/48';

/** Every table that the agent loads, at each boot before Docker starts and whenever maintenance changes. */
export const renderServerFirewall = (trial: TrialFirewall): string =>
  metadataFirewall + ipv6Firewall + renderTrialFirewall(trial);

/**
 * Docker 26 has no rules for IPv6 unless it is told to. Containers that have it send with the server's own address, whose
 * name in reverse DNS other mail servers look at, and nothing from outside reaches them: what they serve goes through the
 * reverse proxy. With `ct direction original` only the first packets of a connection count, and answers pass.
 */
const ipv6Firewall = [
  'add table inet haven_ipv6',
  'delete table inet haven_ipv6',
  'table inet haven_ipv6 {',
  '  chain forward {',
  '    type filter hook forward priority -15; policy accept;',
  `    iifname != "hv-*" ip6 daddr ${containerIpv6} ct direction original drop`,
  '  }',
  '  chain postrouting {',
  '    type nat hook postrouting priority 100; policy accept;',
  `    ip6 saddr ${containerIpv6} ip6 daddr != ${containerIpv6} masquerade`,
  '  }',
  '}',
  '',
].join('\n');

/**
 * Containers must not read the provider's metadata service (link-local, RFC 3927): its user data holds the server's
 * SSH host key.
 */
const metadataFirewall = [
  'add table inet haven_metadata',
  'delete table inet haven_metadata',
  'table inet haven_metadata {',
  '  chain forward {',
  '    type filter hook forward priority -20; policy accept;',
  '    ip daddr 169.254.0.0/16 drop',
  '  }',
  '}',
  '',
].join('\n');
