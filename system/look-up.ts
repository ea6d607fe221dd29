import { Resolver } from 'node:dns/promises';
import { lookUpDs } from './look-up-ds.ts';

/**
 * What the DNS answers for a name and type, as text without quotes and without the dot that ends a host name; empty where
 * there is nothing. Addresses, host names and hashes are in lower case; texts are as they are.
 */
export async function lookUp(name: string, type: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  if (process.env.HAVEN_RESOLVER) resolver.setServers([process.env.HAVEN_RESOLVER]);
  try {
    switch (type) {
      case 'A':
        return await resolver.resolve4(name);
      case 'AAAA':
        return (await resolver.resolve6(name)).map((each) => each.toLowerCase());
      case 'TXT':
        return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
      case 'CAA':
        return (await resolver.resolveCaa(name)).map((each) => {
          const {
            critical,
            type: _type,
            ...rest
          } = each as unknown as { critical: number; type?: string } & Record<string, string>;
          const [tag = '', value = ''] = Object.entries(rest)[0] ?? [];
          return `${critical} ${tag} ${value}`;
        });
      case 'DS':
        return await lookUpDs(name);
      case 'TLSA':
        return (await resolver.resolveTlsa(name)).map(
          ({ certUsage, selector, match, data }) =>
            `${certUsage} ${selector} ${match} ${Buffer.from(data).toString('hex')}`,
        );
      case 'CNAME':
        return (await resolver.resolveCname(name)).map((each) => each.toLowerCase());
      case 'MX':
        return (await resolver.resolveMx(name)).map((each) =>
          `${each.priority} ${each.exchange}`.toLowerCase(),
        );
      case 'SRV':
        return (await resolver.resolveSrv(name)).map(({ priority, weight, port, name: target }) =>
          `${priority} ${weight} ${port} ${target}`.toLowerCase(),
        );
      default:
        throw new Error(`DNS type ${type} is not supported here`);
    }
  } catch (error) {
    if (['ENODATA', 'ENOTFOUND'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
