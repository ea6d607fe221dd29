import { cloudAddress } from '../../core/mail/mailboxes.ts';
import { ownPassword, ownUser } from '../../core/mail/own-account.ts';

/**
 * The account by which this cloud sends its own email (core/mail/own-account.ts), for Dovecot. It counts only where Postfix
 * asks, for a program that hands email in. There is no user and so no mailbox of that name: IMAP and the filters refuse it.
 */
export const cloudAccount = `protocol smtp {
  passdb cloud {
    driver = static
    username_filter = ${ownUser}
    static_password = </run/secrets/${ownPassword}
    result_failure = return-fail
  }
}`;

/** Whose an address is as a sender, before LDAP is asked (postconf(5), smtpd_sender_login_maps). */
export const senders = ([first]: string[]): string => `${cloudAddress(first!)} ${ownUser}\n`;
