import { dnsProviderFacts } from '../../components/dns-providers.ts';
import type { Company } from '../../core/engine-error.ts';

/** The companies that a cloud is at, and the secret that holds the token for each. */
export const companies: Company[] = [
  { name: 'Hetzner', host: 'api.hetzner.cloud', secret: 'hcloud-token' },
  ...dnsProviderFacts.flatMap(({ token }) =>
    token ? [{ name: token.issuer, host: token.host, secret: token.secret }] : [],
  ),
];

/** The secret that holds a company's token. */
export const tokenOf = (company: string): string | undefined =>
  companies.find(({ name }) => name === company)?.secret;
