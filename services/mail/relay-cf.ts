import type { MailRelay } from '../../core/service.ts';

/**
 * How Postfix sends by a relay (postconf(5)): what is added to main.cf while that is the way (images/postfix/start). The
 * password is added on the server, and only sent over TLS to a server with a certificate of the relay's name. A relay that
 * refuses the login is a reason to wait, never to bounce (`smtp_sasl_auth_soft_bounce` is on by default).
 */
export function relayCf({ host, port, domains }: MailRelay): string {
  const next = nextHop({ host, port });
  return [
    ...(domains
      ? ['sender_dependent_relayhost_maps = texthash:/etc/postfix/relayed-senders']
      : [`relayhost = ${next}`]),
    'smtp_tls_secure_cert_match = nexthop',
    'smtp_sasl_auth_enable = yes',
    'smtp_sasl_password_maps = texthash:/etc/postfix/relay-password',
    'smtp_sasl_security_options = noanonymous, noplaintext',
    'smtp_sasl_tls_security_options = noanonymous',
    '',
  ].join('\n');
}

/** What a connection to it must be, in `smtp_tls_policy_maps`: verified, by its own name. */
export const relayTlsPolicy = (relay: MailRelay): string => `inline:{ { ${nextHop(relay)} = secure } }`;

/** The senders whose email goes by it, if those of others don't. Reports that email did not arrive have no sender. */
export const relayedSenders = ({ domains = [], ...relay }: MailRelay): string =>
  ['<>', ...domains.map((domain) => `@${domain}`)].map((sender) => `${sender} ${nextHop(relay)}\n`).join('');

/** The account, to which the password is added on the server. */
export const relayLogin = (relay: MailRelay): string => `${nextHop(relay)} ${relay.user}:`;

const nextHop = ({ host, port }: Pick<MailRelay, 'host' | 'port'>): string => `[${host}]:${port}`;
