const said = 'The space for mailboxes is used up';

/**
 * What Dovecot does while the space of all mailboxes is used up (images/dovecot/start): one email is more than fits, in every mailbox.
 * Trash is without that limit, because most programs delete by a move or a copy to it; in a Maildir neither takes space. A limit of 0
 * would mean none.
 */
export const fullConf = `shutdown_clients = yes
quota_message_count = 1
quota_exceeded_message = ${said}
quota_status_overquota = 452 4.3.1 ${said}
namespace inbox {
  mailbox Trash {
    quota_message_percentage = 1000000000
  }
}
`;
