import type { FixedPages } from '../service.ts';
import { autoconfig } from './autoconfig.ts';
import { autodiscover } from './autodiscover.ts';
import { mtaStsPage } from './mta-sts-policy.ts';

/** What is asked for by HTTPS about mail of these domains: the policy for other mail servers, settings for mail programs. */
export const mailPages = (domains: string[], host: string, mail: { pop3?: boolean } = {}): FixedPages[] =>
  domains.flatMap((domain) => [
    { host: `mta-sts.${domain}`, pages: [mtaStsPage(host)] },
    { host: `autoconfig.${domain}`, pages: [autoconfig(domain, host, mail)] },
    { host: `autodiscover.${domain}`, pages: [autodiscover(host, mail)] },
  ]);
