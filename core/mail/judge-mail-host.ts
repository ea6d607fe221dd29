import type { DnsAnswer } from './dns-answer.ts';
import type { MailCheck } from './mail-check.ts';

/** The name of the mail server must have addresses of its own; some do not deliver to an alias (RFC 2181 §10.3, RFC 5321 §5.1). */
export function judgeMailHost(host: string, aliases: DnsAnswer): MailCheck | undefined {
  if (!Array.isArray(aliases) || aliases.length === 0) return undefined;
  return {
    what: `CNAME ${host}`,
    result: 'bad',
    evidence: `the mail server is an alias of ${aliases.join(', ')}`,
    remedy:
      'Some servers do not deliver to an alias. Remove the CNAME at your DNS provider, then run: haven up',
  };
}
