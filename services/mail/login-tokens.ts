import { innerDoors, mailScope } from '../../core/mail/inner-doors.ts';
import { ldap } from '../../core/users/ldap.ts';
import { loginIssuer } from '../../core/users/login.ts';

/** What Postfix calls logins at its port for other services (files/postfix/master.cf). */
export const innerSaslService = 'inner';

/**
 * How Dovecot takes tokens of the login (RFC 7628, doc.dovecot.org/2.4.1/core/config/auth/databases/oauth2.html). It checks
 * signature, time, issuer and audience itself and never asks the login, so a login that hangs holds up nobody. The keys are
 * files that the agent keeps (agent/effects/login-keys.ts), by client: a client without a folder is refused. A user who is
 * disabled is refused because LDAP is asked as well, after the token was found good (passdb `people`).
 */
export const loginTokens = ({ loginHost }: { loginHost: string }): string => `oauth2 {
  introspection_mode = local
  username_attribute = preferred_username
  fields {
    user = %{oauth2:preferred_username}
  }
  issuers = ${loginIssuer(loginHost)}
  # The audience. Dovecot wants a secret beside it, which is sent nowhere.
  client_id = ${mailScope}
  client_secret = unused
  scope = ${mailScope}
  openid_configuration_url = ${loginIssuer(loginHost)}/.well-known/openid-configuration
  oauth2_local_validation {
    dict fs {
      fs posix {
        prefix = /login-keys/
      }
    }
  }
}
`;

/**
 * The tree below which a password is tried: for who comes by a door for other services, which takes tokens alone, one that does
 * not exist. Postfix names no port, but its own name for that door (`smtpd_sasl_service`): its filter of mechanisms only says
 * what is announced. Dovecot escapes what an expression gives, so each is a part of one name.
 */
export const passwordTree = ldap.appPasswords.replace(
  /^ou=/,
  () =>
    `ou=%{local_port | default('0') | if('~', '^(${innerDoors.imap.port}|${innerDoors.sieve.port})$', 'no-', '')}` +
    `%{protocol | if('eq', '${innerSaslService}', 'no-', '')}`,
);

/** Ports for other services of this cloud (core/mail/inner-doors.ts). */
export const innerListeners = {
  imap: `  inet_listener imap-inner {
    type = imap
    port = ${innerDoors.imap.port}
  }`,
  sieve: `  inet_listener sieve-inner {
    port = ${innerDoors.sieve.port}
  }`,
} as const;
