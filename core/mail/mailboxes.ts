/**
 * Where other mail servers send their reports, each day and as files for programs (RFC 9990, RFC 8460). They are
 * addresses of their own, so that the mail of a user is not among them. One domain gets the reports of all.
 */
export const reportMailboxes = (domain: string): { dmarc: string; tls: string } => ({
  dmarc: `dmarc-reports@${domain}`,
  tls: `tls-reports@${domain}`,
});

/**
 * Addresses that the mail server has to accept mail for besides those of users: those of RFC 2142 §4 and §5 at each
 * domain, and those of reports at the first one.
 */
export function requiredMailboxes(domains: string[]): string[] {
  const [first] = domains;
  return [
    ...domains.flatMap((domain) => ['postmaster', 'abuse', 'hostmaster'].map((name) => `${name}@${domain}`)),
    ...(first === undefined ? [] : Object.values(reportMailboxes(first))),
  ];
}
