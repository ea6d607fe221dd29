import { isOwnAccount, ownPassword } from '../mail/own-account.ts';
import type { Sending } from '../service.ts';

/** Name of the password in secrets.age of the account in haven.yaml, and of the secret that sending services get. */
export const sendingPassword = 'sending-password';

/** By which name a release has an account's password among its secrets. */
export const passwordNameOf = (account: { user?: string }): string =>
  isOwnAccount(account) ? ownPassword : sendingPassword;

/** What an owner does about an account that does not send. */
export const sendingRemedy = (account: { user?: string }): string =>
  isOwnAccount(account)
    ? 'To see what the mail server says, run: haven logs mail'
    : 'Check "sending" in haven.yaml and its password: haven secret set sending-password   Then run: haven up';

/** `mail.example.org, as no-reply@example.org` */
export const describeSending = ({ host, from }: Sending): string => `${host}, as ${from}`;

/**
 * The same account in Keycloak's terms (RealmRepresentation, `smtpServer`), without the password; empty without an
 * account. Replies to its email go to the owner.
 */
export function smtpServerOf(
  sending: Sending | undefined,
  name: string,
  owner: { name: string; email: string },
): Record<string, string> {
  if (!sending) return {};
  const { host, port, user, from } = sending;
  const tls = port === 465 ? { ssl: 'true', starttls: 'false' } : { ssl: 'false', starttls: 'true' };
  const replies = { replyTo: owner.email, replyToDisplayName: owner.name };
  return { host, port: String(port), ...tls, auth: 'true', user, from, fromDisplayName: name, ...replies };
}
