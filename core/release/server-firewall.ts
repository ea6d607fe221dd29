import { renderTrialFirewall, type TrialFirewall } from './trial-firewall.ts';

/** The names of the tables, all of the family `inet`. */
export const serverTables = ['haven_metadata', 'haven_trial'] as const;

/** Every table that the agent loads, at each boot before Docker starts and whenever maintenance changes. */
export const renderServerFirewall = (trial: TrialFirewall): string =>
  metadataFirewall + renderTrialFirewall(trial);

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
