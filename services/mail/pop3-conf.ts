import { manyConnections } from './many-connections.ts';

/**
 * Dovecot's part of POP3 (doc.dovecot.org, 2.4), while the option `pop3` is on: port 995 with TLS from the start (RFC 8314 §3.3),
 * and none without. A program shows what is in INBOX; its deletions are final when it says QUIT (RFC 1939 §6).
 */
export const pop3Conf = `service pop3-login {
  chroot =
${manyConnections}
  inet_listener pop3 {
    port = 0
  }
  inet_listener pop3s {
    port = 995
    ssl = yes
    haproxy = yes
  }
}
`;
