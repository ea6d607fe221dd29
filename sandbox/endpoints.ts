/** Where the sandbox's APIs listen, on the address that this machine has on the sandbox's network. */
export const ports = { hetzner: 8801, cloudflare: 8802, control: 8803, images: 8804, acme: 14000 } as const;

/** What its APIs accept: as long as real tokens, which `haven init` checks. They give access to nothing else. */
export const tokens = {
  hetzner: 'sandbox-hetzner-token-'.padEnd(64, '0'),
  cloudflare: 'sandbox-cloudflare-token-000000000000000',
} as const;
