import { z } from 'zod';
import type { MailRelay, MailSending } from '../service.ts';
import { spfTerms } from './spf.ts';

/**
 * Servers of a relay as an owner writes them down: an address, or a mechanism of SPF without a sign (RFC 7208 §5). Undefined
 * for anything else.
 */
export function spfTermOf(text: string): string | undefined {
  if (z.ipv4().safeParse(text).success) return `ip4:${text}`;
  if (z.ipv6().safeParse(text).success) return `ip6:${text}`;
  const isTerm = /^(include|a|mx|ip4|ip6|exists):/i.test(text) && spfTerms(`v=spf1 ${text}`).length === 1;
  return isTerm ? text : undefined;
}

/**
 * What the SPF text of a domain has to allow so that the relay may send for it. Both ways are allowed at the same time, so
 * that switching between them takes no change of DNS. Where the owner names nothing, the addresses of the relay's own name.
 */
export function relaySpf({ relay }: MailSending, domain: string): string[] {
  if (!relay || !goesByRelay(relay, domain)) return [];
  return [relay.spf ?? `a:${relay.host}`].flat().flatMap((each) => spfTermOf(each) ?? []);
}

/** Whether email from this domain goes by the relay, when that is the way. */
export const goesByRelay = ({ domains }: MailRelay, domain: string): boolean =>
  domains === undefined || domains.includes(domain);
