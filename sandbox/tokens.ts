/** What the sandbox's APIs accept: as long as real tokens, which `haven init` checks. They give access to nothing else. */
export const tokens = {
  hetzner: 'sandbox-hetzner-token-'.padEnd(64, '0'),
  cloudflare: 'sandbox-cloudflare-token-000000000000000',
} as const;
