import { getDomain } from 'tldts';

/** Reports about one domain go to another organisation's only if that agrees (RFC 9990). */
export const isOtherOrganisation = (domain: string, receiver: string): boolean =>
  organisationOf(domain) !== organisationOf(receiver);
const organisationOf = (domain: string): string => getDomain(domain, { allowPrivateDomains: true }) ?? domain;

/** Where a domain agrees to take the reports about another one. */
export const reportName = (about: string, receiver: string): string => `${about}._report._dmarc.${receiver}`;
