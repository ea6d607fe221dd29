import type { PlannedMail, Sending } from '../service.ts';
import { cloudAddress } from './mailboxes.ts';

/**
 * With its own mail server a cloud sends its email (invitations, alarms, what the login writes) by an account of its own
 * there, unless haven.yaml has `sending`. It can hand email in, with its one address as the sender, and nothing else: it
 * has no mailbox. Its password is made on the server and shared by the services that name it.
 */
export const ownPassword = 'own-sending-password';

/** The account's user name. A user's name never begins like this (core/users/user.ts). */
export const ownUser = 'haven-sender';

/** The account at the mail server of this cloud, with TLS from the start (RFC 8314 §3.3). */
export const ownAccount = ({ host, domains: [first = host] }: PlannedMail): Sending => ({
  host,
  port: 465,
  user: ownUser,
  from: cloudAddress(first),
});

/** Whether an account, here or in Keycloak's terms, is that one. */
export const isOwnAccount = ({ user }: { user?: string }): boolean => user === ownUser;
