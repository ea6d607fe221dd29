import { bindDn, ldap } from '../../core/users/ldap.ts';
import { cloudAccount } from './cloud-account.ts';
import { learningConf } from './learning.ts';
import { innerListeners, loginTokens, passwordTree } from './login-tokens.ts';
import { manyConnections } from './many-connections.ts';
import { addresses, gateway } from './network.ts';
import { pop3Conf } from './pop3-conf.ts';
import { sievePort } from './sieve-submission.ts';

/**
 * Dovecot's settings (doc.dovecot.org, 2.4). Programs log in with app passwords. Each user's mailbox is in a folder with the
 * id of their entry in LDAP, so it stays theirs when they are renamed. A user who is locked can't log in, and their email
 * is kept.
 */
export const dovecotConf = ({
  domains,
  loginHost,
  pop3 = false,
}: {
  domains: string[];
  loginHost: string;
  pop3?: boolean;
}): string => `dovecot_config_version = 2.4.1
dovecot_storage_version = 2.4.1
log_path = /dev/stderr
import_environment {
  TZ = %{env:TZ}
  # Dovecot 2.4.1 ignores ssl_client_ca_file for LDAP.
  LDAPTLS_CACERT = /etc/ssl/certs/ca-certificates.crt
}
default_internal_user = vmail
default_internal_group = vmail
default_login_user = vmail
postmaster_address = postmaster@${domains[0]}
protocols = imap lmtp sieve${pop3 ? ' pop3' : ''}

# Connections through HAProxy come from the gateway of this service's bridge. Nobody else may say where a client is.
haproxy_trusted_networks = ${gateway}
# A new certificate is loaded without ending a connection.
shutdown_clients = no
service anvil {
  chroot =
  # Guesses are answered by a ban (core/bans/). Dovecot's own answer is a delay for all who log in from that address, after
  # which Postfix gives up and its client sees no refusal.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
# What is for HAProxy, for Postfix and for health checks is at the bridge's own address: other services, which share another
# network with Dovecot, reach the doors for them alone (core/mail/inner-doors.ts).
service imap-login {
  chroot =
${manyConnections}
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = 993
    listen = ${addresses.dovecot}
    ssl = yes
    haproxy = yes
  }
  inet_listener imap-health {
    type = imap
    port = 1143
    listen = ${addresses.dovecot}
  }
${innerListeners.imap}
}
service managesieve-login {
  chroot =
${manyConnections}
  inet_listener sieve {
    port = 4190
    listen = ${addresses.dovecot}
    haproxy = yes
  }
  inet_listener sieve_deprecated {
    port = 0
  }
${innerListeners.sieve}
}
${pop3 ? pop3Conf : ''}# Each takes 3 MB. Beyond that a connection waits for another one to end or to wait for email, and is refused after a while.
service imap {
  process_limit = 60
}
service auth {
  inet_listener sasl {
    port = 12345
    listen = ${addresses.dovecot}
    type = auth
  }
}
service lmtp {
  inet_listener lmtp {
    port = 24
    listen = ${addresses.dovecot}
  }
}
service quota-status {
  executable = quota-status -p postfix
  client_limit = 1
  inet_listener quota {
    port = 12340
    listen = ${addresses.dovecot}
  }
}

ssl = required
ssl_server_cert_file = /host-certificate/tls.pem
ssl_server_key_file = /host-certificate/tls.pem
ssl_min_protocol = TLSv1.2
# Forward secrecy and authenticated ciphers only (RFC 9325 §4.2).
ssl_cipher_list = ECDHE+AESGCM:ECDHE+CHACHA20
ssl_server_prefer_ciphers = server

mail_uid = vmail
mail_gid = vmail
first_valid_uid = 2080
last_valid_uid = 2080
mail_driver = maildir
mail_path = ~/Maildir
recipient_delimiter = +
mail_plugins {
  quota = yes
}
protocol imap {
  # A program that waits for email (RFC 2177) needs no process of its own meanwhile: one has all of them.
  imap_hibernate_timeout = 5s
  mail_plugins {
    imap_quota = yes
    imap_sieve = yes
  }
}
protocol lmtp {
  mail_plugins {
    sieve = yes
  }
}
quota user {
  driver = count
}
quota_storage_grace = 0
# What does not fit waits in the queue. For Dovecot, the limit of all mailboxes together is a full mailbox, too.
quota_full_tempfail = yes
quota_status_success = DUNNO
quota_status_nouser = DUNNO
quota_status_overquota = 452 4.2.2 %{error}
# Without it, Dovecot 2.4.1 has no answer about an email that is larger than the whole mailbox.
quota_status_toolarge = 452 4.2.2 %{error}

namespace inbox {
  inbox = yes
  separator = /
${Object.entries(folders).map(folder).join('\n')}
}

# What filters send, such as an answer during a vacation.
submission_host = ${addresses.postfix}:${sievePort}
# An answer during a vacation has no signature, so others judge it by its envelope (SPF, aligned for DMARC).
sieve_vacation_send_from_recipient = yes
sieve_script personal {
  type = personal
  driver = file
  path = ~/sieve
  active_path = ~/.dovecot.sieve
}
# A notification (RFC 5436) is an email to anyone, with any From line and any text, past the limit of what users send.
sieve_extensions {
  enotify = no
}
# An email that is delivered again is dropped, before anything else sees it.
sieve_script repeats {
  type = before
  driver = file
  path = /etc/haven-sieve/repeats.sieve
  bin_path = /run/dovecot/repeats.svbin
}
sieve_script spam {
  type = before
  driver = file
  path = /etc/haven-sieve/spam.sieve
  bin_path = /run/dovecot/spam.svbin
}
${learningConf}
ldap_uris = ldaps://${ldap.host}
ldap_auth_dn = ${bindDn('mail', 'readers')}
ldap_auth_dn_password = </run/secrets/bind-password
auth_mechanisms = plain login xoauth2 oauthbearer
${loginTokens({ loginHost })}${cloudAccount}
# First which user it is, then whether one of their app passwords fits. A name comes first, so that an address of another
# user can't be in the way of it.
${passdb('name', '(uid=%{user | username})', 'continue')}
${passdb('people', '(|(uid=%{user})(mail=%{user})(havenAlias=%{user}))', 'return-fail')}
passdb app {
  driver = ldap
  ldap_base = ${ldap.appPasswords}
  ldap_filter = (uid=%{user})
  ldap_bind = yes
  ldap_bind_userdn = uid=%{user},${passwordTree}
}
# A name comes first: a user always has <name>@<each mail domain>.
${userdb('name', '(uid=%{user | username})', '(objectClass=havenUser)')}
${userdb('address', '(|(mail=%{user})(havenAlias=%{user}))')}
# While the space of all mailboxes is used up: full-conf.ts.
!include_try /run/dovecot/full.conf
`;

/** Finds the user that a login names, and not whether the password fits. */
const passdb = (
  name: string,
  filter: string,
  otherwise: 'continue' | 'return-fail',
): string => `passdb ${name} {
  driver = ldap
  ldap_base = ${ldap.users}
  ldap_filter = (&(objectClass=havenUser)(!(pwdAccountLockedTime=*))${filter})
  fields {
    user = %{ldap:uid}
    noauthenticate = yes
  }
  result_success = continue
  result_failure = ${otherwise}
}`;

/** Folders that every mailbox has, with their use (RFC 6154). */
const folders = {
  Drafts: '\\Drafts',
  Sent: '\\Sent',
  Junk: '\\Junk',
  Trash: '\\Trash',
  Archive: '\\Archive',
};

/** Many programs delete by a copy to Trash, which a full mailbox must have space for. */
const trashExtra = `
    quota_storage_extra = 100M`;

const folder = ([name, use]: [string, string]): string => `  mailbox ${name} {
    auto = subscribe
    special_use = ${use}${name === 'Trash' ? trashExtra : ''}
  }`;

const userdb = (name: string, filter: string, iterate?: string): string => `userdb ${name} {
  driver = ldap
  ldap_base = ${ldap.users}
  ldap_filter = (&(objectClass=havenUser)${filter})
${
  iterate
    ? `  ldap_iterate_filter = ${iterate}
  ldap_iterate_fields {
    user = %{ldap:uid}
  }
`
    : ''
}  fields {
    user = %{ldap:uid}
    home = /mail/%{ldap:entryUUID}
    quota_storage_size = %{ldap:havenQuotaMb | default('1024')}M
  }
}`;
