/** The name servers of every zone at the sandbox Cloudflare. */
export const cloudflareNameServers = ['ada.ns.sandbox.test', 'bob.ns.sandbox.test'] as const;
