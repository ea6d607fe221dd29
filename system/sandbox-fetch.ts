import { existsSync, readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { lookUp } from './look-up.ts';

/**
 * A request as `fetch` sends it. HAVEN_RESOLVER and HAVEN_ACME_TRUST lead it into a sandbox: its name server, and the
 * authority that certified the sandbox's own servers.
 */
export async function sandboxFetch(address: string | URL, options: RequestInit): Promise<Response> {
  if (!process.env.HAVEN_RESOLVER) return fetch(address, options);
  const { Agent, fetch: fetchBy } = await import('undici');
  const trust = process.env.HAVEN_ACME_TRUST;
  const ca = trust && existsSync(trust) ? readFileSync(trust, 'utf8') : undefined;
  const dispatcher = new Agent({ connect: { lookup: lookInSandbox, ...(ca ? { ca } : {}) } });
  return (await fetchBy(address, { ...options, dispatcher } as never)) as unknown as Response;
}

const lookInSandbox: LookupFunction = (host, { all }, answer) => {
  lookUp(host, 'A').then(
    (found) => {
      const addresses = found.map((address) => ({ address, family: 4 }));
      if (addresses.length === 0) {
        const code = 'ENOTFOUND';
        answer(Object.assign(new Error(`getaddrinfo ${code} ${host}`), { code, hostname: host }), []);
      } else if (all) answer(null, addresses);
      else answer(null, addresses[0]!.address, 4);
    },
    (error: Error) => answer(error, []),
  );
};
