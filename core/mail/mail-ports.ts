/** A port of the mail server. `starttls` begins in the clear and must switch before a login (RFC 3207). */
export interface MailPort {
  port: number;
  protocol: 'smtp' | 'imap' | 'pop3';
  tls: 'from-the-start' | 'starttls';
  /** Other servers hand in email here, and nobody logs in. Without it, users log in. */
  forServers?: boolean;
}

/** Where other servers hand in email (RFC 5321 §4.5.4.2). */
export const incoming: MailPort = { port: 25, protocol: 'smtp', tls: 'starttls', forServers: true };

/** Where programs hand in what users send, the better one first (RFC 8314 §3.3, RFC 6409). */
export const submission: MailPort[] = [
  { port: 465, protocol: 'smtp', tls: 'from-the-start' },
  { port: 587, protocol: 'smtp', tls: 'starttls' },
];

/** IMAP with TLS from the start (RFC 8314 §3.2). */
export const imap: MailPort = { port: 993, protocol: 'imap', tls: 'from-the-start' };

/** POP3 with TLS from the start (RFC 8314 §3.3), for programs that fetch email and know no IMAP. */
export const pop3: MailPort = { port: 995, protocol: 'pop3', tls: 'from-the-start' };

/** Where programs read email, the better one first. */
export const reading = (mail: { pop3?: boolean | undefined }): MailPort[] => [
  imap,
  ...(mail.pop3 ? [pop3] : []),
];

export const mailPorts = (mail: { pop3?: boolean | undefined }): MailPort[] => [
  incoming,
  ...submission,
  ...reading(mail),
];
