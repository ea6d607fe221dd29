import { createHash } from 'node:crypto';
import type { FixedPage } from '../service.ts';

/**
 * The policy of a mail domain (RFC 8461 §3.2): other mail servers deliver its mail to this host alone, and only if its
 * certificate is valid. `testing` has them report failures and deliver all the same. They remember it for a week.
 */
export const mtaStsPolicy = (host: string, mode: 'enforce' | 'testing' = 'enforce'): string =>
  ['version: STSv1', `mode: ${mode}`, `mx: ${host}`, `max_age: ${7 * 24 * 3600}`, ''].join('\n');

/** Where it is fetched, at the name `mta-sts` below the domain (RFC 8461 §3.3). */
export const mtaStsPath = '/.well-known/mta-sts.txt';
export const mtaStsPage = (host: string): FixedPage => ({
  path: mtaStsPath,
  contentType: 'text/plain; charset=utf-8',
  text: mtaStsPolicy(host),
});

/** Names a policy in DNS: another text has another id (RFC 8461 §3.1, at most 32 letters and digits). */
export const mtaStsId = (policy: string): string =>
  createHash('sha256').update(policy).digest('hex').slice(0, 32);
