import type { Sending } from '../service.ts';

/** Name of the account's password in secrets.age, and of the secret that sending services get. */
export const sendingPassword = 'sending-password';

/**
 * The same account in Keycloak's terms (RealmRepresentation, `smtpServer`), without the password; empty without an
 * account.
 */
export function smtpServerOf(sending: Sending | undefined, name: string): Record<string, string> {
  if (!sending) return {};
  const { host, port, user, from } = sending;
  const tls = port === 465 ? { ssl: 'true', starttls: 'false' } : { ssl: 'false', starttls: 'true' };
  return { host, port: String(port), ...tls, auth: 'true', user, from, fromDisplayName: name };
}
