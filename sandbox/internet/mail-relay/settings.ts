import { network } from '../../machine/network.ts';
import { relayAccount, relayDomain, relayHost } from './names.ts';

/** In the container: these files, and the authority of the sandbox's web (both read only). */
export const settings = '/settings';
export const authority = '/authority';

/**
 * Postfix that listens at 587 alone, over TLS, and takes email for anywhere from its customer. It delivers to the mail servers of
 * others, as any mail server does.
 */
const postfix = {
  compatibility_level: '3.9',
  myhostname: relayHost,
  mydomain: relayDomain,
  myorigin: relayDomain,
  mydestination: '',
  mynetworks: '',
  inet_protocols: 'all',
  maillog_file: '/var/log/mail.log',
  smtp_tls_security_level: 'dane',
  smtp_dns_support_level: 'dnssec',
  smtpd_tls_chain_files: '/etc/postfix/tls.pem',
  smtpd_tls_security_level: 'encrypt',
  smtpd_sasl_auth_enable: 'yes',
  cyrus_sasl_config_path: '/etc/postfix/sasl',
  smtpd_sasl_local_domain: relayDomain,
  smtpd_client_restrictions: 'permit_sasl_authenticated, reject',
  smtpd_relay_restrictions: 'permit_sasl_authenticated, reject',
  // A test does not wait five minutes for the next attempt.
  minimal_backoff_time: '2s',
  maximal_backoff_time: '5s',
  queue_run_delay: '2s',
};

/** Cyrus SASL with passwords in a file of its own (sasldb). */
const sasl = 'pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\n';

const start = `#!/bin/bash
set -e
printf 'nameserver ${network.internetIpv4}\\noptions trust-ad edns0\\n' > /etc/resolv.conf
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /tmp/key -out /tmp/csr -subj /CN=${relayHost} 2>/dev/null
openssl x509 -req -in /tmp/csr -CA ${authority}/ca.crt -CAkey ${authority}/ca.key -CAserial /tmp/serial -CAcreateserial -days 3650 \\
  -extfile <(echo subjectAltName=DNS:${relayHost}) -out /tmp/crt 2>/dev/null
cat /tmp/key /tmp/crt > /etc/postfix/tls.pem
chmod 600 /etc/postfix/tls.pem
cp ${settings}/main.cf /etc/postfix/main.cf
install -d /etc/postfix/sasl
cp ${settings}/smtpd.conf /etc/postfix/sasl/smtpd.conf
printf %s '${relayAccount.password}' | saslpasswd2 -p -c -u ${relayDomain} ${relayAccount.user}
chgrp postfix /etc/sasldb2
chmod 640 /etc/sasldb2
postconf -F '*/*/chroot=n'
postconf -MX smtp/inet
postconf -Me '587/inet=587 inet n - n - - smtpd'
exec postfix start-fg
`;

/** The files of the relay, by name. */
export const relayFiles: Record<string, string> = {
  'main.cf': Object.entries(postfix)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join(''),
  'smtpd.conf': sasl,
  start,
};
