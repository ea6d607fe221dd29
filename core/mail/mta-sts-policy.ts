import { createHash } from 'node:crypto';

/**
 * The text of `https://mta-sts.DOMAIN/.well-known/mta-sts.txt` (RFC 8461 §3.2): other mail servers deliver mail of the
 * domain to this host alone, and only if its certificate is valid. `testing` has them report failures and deliver all
 * the same. They remember it for a week, which is what the RFC's authors at Google advise as the shortest.
 */
export const mtaStsPolicy = (host: string, mode: 'enforce' | 'testing' = 'enforce'): string =>
  ['version: STSv1', `mode: ${mode}`, `mx: ${host}`, `max_age: ${7 * 24 * 3600}`, ''].join('\r\n');

/** Names a policy in DNS: another text has another id (RFC 8461 §3.1, at most 32 letters and digits). */
export const mtaStsId = (policy: string): string =>
  createHash('sha256').update(policy).digest('hex').slice(0, 32);
