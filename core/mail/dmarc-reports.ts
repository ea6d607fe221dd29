import { getDomain } from 'tldts';
import { reportDomains } from './dmarc.ts';
import { type DnsAnswer, unanswered } from './dns-answer.ts';
import type { MailCheck } from './mail-check.ts';

/** Reports about one domain go to another organisation's only if that agrees (RFC 9990). */
export const isOtherOrganisation = (domain: string, receiver: string): boolean =>
  organisationOf(domain) !== organisationOf(receiver);
const organisationOf = (domain: string): string => getDomain(domain, { allowPrivateDomains: true }) ?? domain;

/** Where a domain agrees to take the reports about another one. */
export const reportName = (about: string, receiver: string): string => `${about}._report._dmarc.${receiver}`;

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
