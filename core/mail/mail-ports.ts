/** A port for mail programs. `starttls` begins in the clear and must switch before a login (RFC 3207). */
export interface MailPort {
  port: number;
  tls: 'from-the-start' | 'starttls';
}

/** IMAP with TLS from the start (RFC 8314 §3.2). */
export const imap: MailPort = { port: 993, tls: 'from-the-start' };

/** Where programs hand in what users send, the better one first (RFC 8314 §3.3, RFC 6409). */
export const submission: MailPort[] = [
  { port: 465, tls: 'from-the-start' },
  { port: 587, tls: 'starttls' },
];
