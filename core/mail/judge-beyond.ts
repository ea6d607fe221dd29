import { reportDomains } from './dmarc.ts';
import { type DnsAnswer, unanswered } from './dns-answer.ts';
import type { MailCheck } from './mail-check.ts';
import { isOtherOrganisation, reportName } from './other-organisation.ts';
import { mostSpfLookUps, type SpfLookUps } from './spf-look-ups.ts';

/** Records that are as planned can still not work, because of records of others. These are judged here. */

/** The look-ups of the SPF text of a domain. */
export function judgeSpfLookUps(domain: string, { count, fault, isUnknown }: SpfLookUps): MailCheck {
  const what = `SPF ${domain}: look-ups`;
  if (fault !== undefined)
    return {
      what,
      result: 'bad',
      evidence: fault,
      remedy:
        'Receivers then count the whole record as broken. Remove a sender that you no longer use: from "spf" of the relay in haven.yaml, or from "spf" in haven.lock. Then run: haven up',
    };
  if (isUnknown) return { what, ...unanswered.silent };
  return { what, result: 'good', evidence: `${count} of at most ${mostSpfLookUps}` };
}

/** Whose consent the reports about a domain need: other organisations that its DMARC text names (RFC 9990). */
export const reportReceivers = (domain: string, text: string): string[] =>
  reportDomains(text).filter((receiver) => isOtherOrganisation(domain, receiver));

/** Whether another organisation agrees to take the reports about a domain. */
export function judgeDmarcReports(domain: string, receiver: string, found: DnsAnswer): MailCheck {
  const what = `DMARC ${domain}: reports to ${receiver}`;
  if (!Array.isArray(found)) return { what, ...unanswered[found] };
  const consent = found.find((each) => /^v=DMARC1(?:;|\s|$)/i.test(each));
  if (consent !== undefined) return { what, result: 'good', evidence: `it takes them: ${consent}` };
  const name = reportName(domain, receiver);
  return {
    what,
    result: 'bad',
    evidence: `none are sent: ${name} has no DMARC record, so ${receiver} does not agree`,
    remedy: `Ask ${receiver} for a TXT record "v=DMARC1;" at ${name}, or have the reports sent to an address of ${domain}.`,
  };
}

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
