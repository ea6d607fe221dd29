import type { MailRelay } from '../../core/service.ts';
import { milterPort } from './clamav-conf.ts';
import { aliasMaps, forwardingCf } from './forwarding.ts';
import { addresses } from './network.ts';
import { relayTlsPolicy } from './relay-cf.ts';

/**
 * Postfix's settings (postconf(5)); its processes are in files/postfix/master.cf. Nobody is trusted because of an address:
 * a program that reaches a port with the PROXY protocol can claim any. So `mynetworks` is empty, and only a login may relay.
 */
export const mainCf = ({
  host,
  domains,
  recipientsAtOnce,
  antivirus = false,
  relay,
}: {
  host: string;
  domains: string[];
  /** Of one email that a user sends. */
  recipientsAtOnce: number;
  /** Whether ClamAV's milter is asked. */
  antivirus?: boolean;
  /** The relay, also while it is not the way. */
  relay?: MailRelay | undefined;
}): string => `compatibility_level = 3.10
queue_directory = /queue/spool
data_directory = /queue/state
maillog_file = /dev/stdout
smtpd_banner = $myhostname ESMTP
myhostname = ${host}
myorigin = $myhostname
inet_protocols = all
# Over both; where one does not lead anywhere, the next address of that server is tried.
smtp_address_preference = any
mynetworks =
mydestination =
relay_domains =
local_transport = error:5.1.1 Mailbox unavailable
notify_classes =
alias_maps =
alias_database =
biff = no
append_dot_mydomain = no
enable_long_queue_ids = yes

# Mailboxes. An address leads to the user's name, in the first domain.
virtual_mailbox_domains = ${domains.join(', ')}
virtual_alias_maps = ${aliasMaps}
virtual_mailbox_maps = ldap:/etc/postfix/name.ldap
virtual_transport = lmtp:inet:[${addresses.dovecot}]:24
recipient_delimiter = +
# Attachments of 26 MB. Rspamd needs up to 720 MB of memory for an email of this size that is all text.
message_size_limit = 36700160
# Headers inside of attached emails stay as they are.
header_checks = regexp:/etc/haven/header_checks
mime_header_checks =
nested_header_checks =
# Free space below which no email is taken, in bytes. Postfix wants at least 1.5 times the largest email.
queue_minfree = 104857600
virtual_mailbox_limit = 0
# Dovecot 2.4.1 takes no addresses outside of ASCII (RFC 6531): refused here, they don't bounce later.
smtputf8_enable = no

${forwardingCf([...domains, host])}
# Processes of one kind, so that all of them fit into the container's memory; master.cf has those of clients.
default_process_limit = 20

# Who may do what.
smtpd_helo_required = yes
disable_vrfy_command = yes
smtpd_forbid_bare_newline = normalize
# A command has 5 minutes (RFC 5321 §4.5.3.2), however slowly its bytes come.
smtpd_per_request_deadline = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
# Dovecot is asked about addresses here alone: it also knows users by their address elsewhere, where their mailbox here says nothing.
smtpd_restriction_classes = fits_mailbox
fits_mailbox = check_policy_service inet:${addresses.dovecot}:12340
smtpd_recipient_restrictions = reject_non_fqdn_recipient, reject_unlisted_recipient, check_recipient_access inline:{${domains.map((each) => `${each}=fits_mailbox`).join(', ')}}
# While Dovecot starts, email is accepted without asking how full a mailbox is, and a login can be tried again soon.
smtpd_policy_service_default_action = DUNNO
smtpd_policy_service_timeout = 10s
# A connection has the settings of its beginning, and those change when mailboxes are full.
smtpd_policy_service_request_limit = 1
service_throttle_time = 5s
# Of users; master.cf says where it counts.
recipients_at_once = ${recipientsAtOnce}
# A sender without a domain can't be told that something failed; without a resolver, email waits at its sender.
smtpd_sender_restrictions = reject_unknown_sender_domain
unknown_address_reject_code = 550
smtpd_data_restrictions = reject_unauth_pipelining
smtpd_end_of_data_restrictions =
smtpd_sender_login_maps = texthash:/etc/haven/senders, ldap:/etc/postfix/name.ldap, ldap:/etc/postfix/address.ldap
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:${addresses.dovecot}:12345
smtpd_tls_auth_only = yes
# A token of an OAuth login is longer than a line of SMTP.
line_length_limit = 16384

# Viruses, spam and signatures. Without these programs nothing is accepted.
smtpd_milters = ${antivirus ? `inet:${addresses.clamav}:${milterPort}, ` : ''}inet:${addresses.rspamd}:11332
milter_default_action = tempfail
milter_mail_macros = i {mail_addr} {client_addr} {client_name} {auth_authen}

# TLS. Key and chain are one file, so that neither is ever seen without the other.
smtpd_tls_chain_files = /host-certificate/tls.pem
smtpd_tls_security_level = may
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_protocols = >=TLSv1.2
# Mail programs get forward secrecy and authenticated ciphers only (RFC 9325 §4.2). Other servers use what they have: the alternative
# is an email in the clear.
smtpd_tls_exclude_ciphers = aNULL
smtpd_tls_mandatory_ciphers = high
tls_high_cipherlist = ECDHE+AESGCM:ECDHE+CHACHA20
tls_preempt_cipherlist = yes
smtpd_tls_received_header = yes
smtpd_tls_loglevel = 1
smtp_tls_security_level = dane
smtp_dns_support_level = dnssec
# Domains that ask for a valid certificate (MTA-STS). While the program that knows them is away, email waits.
smtp_tls_policy_maps = ${relay ? `${relayTlsPolicy(relay)}, ` : ''}socketmap:inet:${addresses.sts}:8461:postfix
smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
smtp_tls_loglevel = 1
# One delivery at a time for each mailbox: several wait for each other's locks, and a kill meanwhile repeats all of them.
lmtp_destination_recipient_limit = 1
lmtp_destination_concurrency_limit = 1
lmtp_tls_security_level = none
lmtp_dns_support_level = enabled

# Mailboxes are away while Dovecot starts, so what waits is tried again soon.
queue_run_delay = 60s
minimal_backoff_time = 60s
maximal_queue_lifetime = 5d
bounce_queue_lifetime = 5d
`;
