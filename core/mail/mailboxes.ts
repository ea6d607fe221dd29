/**
 * Where other mail servers send their reports, each day and as files for programs (RFC 9990, RFC 8460). They are
 * addresses of their own, so that the mail of a user is not among them. One domain gets the reports of all.
 */
export const reportMailboxes = (domain: string): { dmarc: string; tls: string } => ({
  dmarc: `dmarc-reports@${domain}`,
  tls: `tls-reports@${domain}`,
});

/** The sender address of the cloud's own email. What is written there, and bounces, go to the administrators. */
export const cloudAddress = (domain: string): string => `no-reply@${domain}`;

/**
 * Addresses that the mail server has to accept mail for besides those of users: those of RFC 2142 §4 and §5 at each
 * domain, and at the first one those of reports and of the cloud's own email.
 */
export function requiredMailboxes(domains: string[]): string[] {
  const [first] = domains;
  return [
    ...domains.flatMap((domain) => ['postmaster', 'abuse', 'hostmaster'].map((name) => `${name}@${domain}`)),
    ...(first === undefined ? [] : [...Object.values(reportMailboxes(first)), cloudAddress(first)]),
  ];
}
