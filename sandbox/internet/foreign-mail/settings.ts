import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { network } from '../../machine/network.ts';
import { dkimSelector, echoAddress, mailDomain, mailHost, unknownUser } from './names.ts';

/** In the container: the keys and these files (read only), and the mailbox. */
const settings = '/settings';
const mailbox = '/mail';
/** The authority of the sandbox's web (read only). */
export const authority = '/authority';
/** Any number that Debian gives to no one. */
const uid = 2301;
const [dkimPort, dmarcPort] = [8891, 8893];

/**
 * Postfix with Debian's verifiers: policyd-spf asks SPF, OpenDKIM checks and makes signatures, OpenDMARC reads what both wrote
 * into Authentication-Results and refuses what a domain wants refused. It delivers with DANE where a domain has TLSA records.
 */
const postfix = {
  compatibility_level: '3.9',
  myhostname: mailHost,
  mydomain: mailDomain,
  myorigin: mailDomain,
  mydestination: '',
  mynetworks: '',
  inet_protocols: 'all',
  virtual_mailbox_domains: mailDomain,
  virtual_mailbox_maps: `pcre:${settings}/mailboxes`,
  virtual_mailbox_base: mailbox,
  transport_maps: `inline:{${echoAddress}=echo:}`,
  echo_destination_recipient_limit: '1',
  virtual_uid_maps: `static:${uid}`,
  virtual_gid_maps: `static:${uid}`,
  maillog_file: '/var/log/mail.log',
  smtp_tls_security_level: 'dane',
  smtp_dns_support_level: 'dnssec',
  smtp_tls_loglevel: '1',
  smtpd_tls_security_level: 'may',
  smtpd_tls_chain_files: '/etc/postfix/tls.pem',
  smtpd_tls_loglevel: '1',
  smtpd_tls_received_header: 'yes',
  smtpd_relay_restrictions: 'reject_unauth_destination',
  smtpd_recipient_restrictions: 'reject_unlisted_recipient, check_policy_service unix:private/policyd-spf',
  'policyd-spf_time_limit': '3600',
  smtpd_milters: `inet:127.0.0.1:${dkimPort}, inet:127.0.0.1:${dmarcPort}`,
  non_smtpd_milters: `inet:127.0.0.1:${dkimPort}`,
  milter_default_action: 'tempfail',
  // A process remembers TLSA records for a second or two; a test changes them faster.
  max_use: '1',
  // A test does not wait five minutes for the next attempt.
  minimal_backoff_time: '2s',
  maximal_backoff_time: '5s',
  queue_run_delay: '2s',
};

const opendkim = {
  Syslog: 'no',
  Socket: `inet:${dkimPort}@127.0.0.1`,
  // Checks what comes in, signs what is sent from here.
  Mode: 'sv',
  InternalHosts: '127.0.0.1',
  Domain: mailDomain,
  Selector: dkimSelector,
  KeyFile: `${settings}/dkim.pem`,
  Canonicalization: 'relaxed/simple',
  OversignHeaders: 'From',
  AuthservID: mailHost,
  AlwaysAddARHeader: 'yes',
  Nameservers: network.internetIpv4,
  ResolverConfiguration: `${settings}/resolver.conf`,
  // Its threads parse the file for the resolver at the same time, and now and then it ends of that ("fatal flex scanner internal
  // error", or a segmentation fault; 2.11.0~beta2). Until it runs again, senders are told to try later.
  AutoRestart: 'yes',
};

const opendmarc = {
  Syslog: 'false',
  Socket: `inet:${dmarcPort}@127.0.0.1`,
  AuthservID: mailHost,
  TrustedAuthservIDs: mailHost,
  RejectFailures: 'true',
  SPFIgnoreResults: 'false',
  SPFSelfValidate: 'false',
};

/** OpenDKIM has a resolver of its own (libunbound), which would say that nothing exists below `test.` (RFC 6761 §6.2). */
const resolver = `server:\n  local-zone: "${mailDomain.split('.').pop()}." nodefault\n`;

/** It only notes what it finds: OpenDMARC decides. */
const policydSpf = {
  debugLevel: '1',
  TestOnly: '1',
  HELO_reject: 'False',
  Mail_From_reject: 'False',
  PermError_reject: 'False',
  TempError_Defer: 'False',
  Header_Type: 'AR',
  Authserv_Id: mailHost,
  skip_addresses: '127.0.0.0/8,::1',
};

const lines = (values: Record<string, string>, between: string): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}${between}${value}\n`)
    .join('');

const start = `#!/bin/bash
# Runs the daemons; when one ends, all end.
printf 'nameserver ${network.internetIpv4}\\noptions trust-ad edns0\\n' > /etc/resolv.conf
bash ${settings}/show-certificate own
cp ${settings}/main.cf /etc/postfix/main.cf
postconf -F '*/*/chroot=n'
postconf -Me 'policyd-spf/unix=policyd-spf unix - n n - 0 spawn user=policyd-spf argv=/usr/bin/policyd-spf ${settings}/policyd-spf.conf'
postconf -Me 'echo/unix=echo unix - n n - 2 pipe flags=q user=nobody null_sender= argv=/usr/bin/python3 ${settings}/echo.py ${mailHost} ${echoAddress} \${sender}'
chown ${uid}:${uid} ${mailbox}
opendkim -f -x ${settings}/opendkim.conf &
opendmarc -f -c ${settings}/opendmarc.conf &
postfix start-fg &
wait -n
echo "a daemon of the foreign mail server has ended" >&2
exit 1
`;

/** Its certificate, for the key that it always has. */
const showCertificate = `#!/bin/bash
# Shows a certificate that it signed itself ("own"), or one of an authority that everyone trusts ("trusted").
set -e
case $1 in
  own) openssl req -x509 -key ${settings}/tls.pem -subj /CN=${mailHost} -days 3650 -out /tmp/crt ;;
  trusted)
    openssl req -new -key ${settings}/tls.pem -subj /CN=${mailHost} -out /tmp/csr
    openssl x509 -req -in /tmp/csr -CA ${authority}/ca.crt -CAkey ${authority}/ca.key -CAserial /tmp/serial -CAcreateserial \\
      -days 3650 -extfile <(echo subjectAltName=DNS:${mailHost}) -out /tmp/crt ;;
  *) exit 1 ;;
esac
umask 077
cat ${settings}/tls.pem /tmp/crt > /etc/postfix/tls.pem.new
mv /etc/postfix/tls.pem.new /etc/postfix/tls.pem
`;

/** The files of the mail server, by name. */
export const foreignMailFiles: Record<string, string> = {
  'main.cf': lines(postfix, ' = '),
  'opendkim.conf': lines(opendkim, ' '),
  'opendmarc.conf': lines(opendmarc, ' '),
  'resolver.conf': resolver,
  'policyd-spf.conf': lines(policydSpf, ' = '),
  mailboxes: `/^(?!${unknownUser})[^@]+@${mailDomain.replace('.', '\\.')}$/ inbox/\n`,
  'echo.py': readFileSync(join(import.meta.dirname, 'echo.py'), 'utf8'),
  'show-certificate': showCertificate,
  start,
};
