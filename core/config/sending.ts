import type { Sending } from '../service.ts';

/** Name of the account's password in secrets.age, and of the secret that sending services get. */
export const sendingPassword = 'sending-password';

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
