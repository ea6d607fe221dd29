/** One question about mail as strangers see it, with what was seen. */
export interface MailCheck {
  /** What was asked: a record (`MX example.org`), a port (`port 25 over IPv4`) or something it does. */
  what: string;
  /** `unknown`: it could not be asked from here. */
  result: 'good' | 'bad' | 'unknown';
  evidence: string;
  /** What to do, in one or more lines; only where the result is not good. */
  remedy?: string;
}

/**
 * Checks about one subject, in the order in which they are shown: a domain, the mail server by its name, `dnssec`
 * or `sending`.
 */
export interface MailSection {
  about: string;
  checks: MailCheck[];
}
