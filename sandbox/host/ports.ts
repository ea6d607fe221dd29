/** Where the sandbox's APIs listen, on the address that this machine has on the sandbox's network. */
export const ports = {
  hetzner: 8801,
  cloudflare: 8802,
  control: 8803,
  images: 8804,
  acme: 14000,
  /** Behind 443 and 80 of the sandbox's internet, which other programs of this machine may have. */
  web: 8805,
  archive: 8806,
  /** Only on this machine's loopback. */
  registryStore: 8807,
  objectStorage: 8808,
} as const;
