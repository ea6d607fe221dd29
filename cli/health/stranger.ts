import type { DnsAnswer } from '../../core/mail/dns-answer.ts';
import { lookUp } from '../../system/look-up.ts';
import { lookAtMailPort } from '../../system/mail-port-look.ts';
import { lookAtWeb } from '../../system/web-look.ts';

/** How a stranger looks. Tests, which have no DNS and no mail server, answer themselves. */
export const stranger = { lookUp, lookAtMailPort, lookAtWeb };

/** What the DNS answers a stranger. */
export async function askDns(name: string, type: string): Promise<DnsAnswer> {
  try {
    return await stranger.lookUp(name, type);
  } catch (error) {
    const failure = dnsFailureOf(error);
    if (failure === undefined) throw error;
    return failure;
  }
}

/** What an error of a look-up means; undefined for any other error. */
export function dnsFailureOf(error: unknown): 'silent' | 'error' | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ESERVFAIL' || code === 'EREFUSED') return 'error';
  return code === undefined ? undefined : 'silent';
}
