import type { Sending } from '../service.ts';

/** The account's password in secrets.age, and the secret of whoever sends by it. */
export const sendingPassword = 'sending-password';

/** The same in Keycloak's words (RealmRepresentation, `smtpServer`), without the password; empty where nothing is sent. */
export function smtpServerOf(sending: Sending | undefined, name: string): Record<string, string> {
  if (!sending) return {};
  const { host, port, user, from } = sending;
  const tls = port === 465 ? { ssl: 'true', starttls: 'false' } : { ssl: 'false', starttls: 'true' };
  return { host, port: String(port), ...tls, auth: 'true', user, from, fromDisplayName: name };
}
