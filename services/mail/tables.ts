import { requiredMailboxes } from '../../core/mail/mailboxes.ts';
import { bindDn, ldap } from '../../core/users/ldap.ts';

/**
 * Postfix's tables in LDAP (ldap_table(5)), by file. A user always has `<name>@<each mail domain>`, even if another entry claims that
 * address, so the tables of names are asked before those of addresses. Addresses in other domains are never looked up: a
 * user's own address elsewhere must not lead here. `<group>@<each mail domain>` leads to the members of a group.
 */
export function tables(domains: string[]): Record<string, string> {
  const byName = '(&(objectClass=havenUser)(uid=%u))';
  const byAddress = '(&(objectClass=havenUser)(|(mail=%s)(havenAlias=%s)))';
  const mailbox = `%s@${domains[0]}`;
  return {
    'name.ldap': table(domains, byName, '%s'),
    'address.ldap': table(domains, byAddress, '%s'),
    'mailbox-of-name.ldap': table(domains, byName, mailbox),
    'mailbox-of-address.ldap': table(domains, byAddress, mailbox),
    'mailboxes-of-group.ldap': table(
      domains,
      '(&(objectClass=groupOfMembers)(cn=%u))',
      mailbox,
      ldap.groups,
      ['special_result_attribute = member', 'leaf_result_attribute = uid'],
    ),
  };
}

/** What is written to an address that a domain must have goes to the administrators (RFC 2142 §5, RFC 5321 §4.5.1). */
export const roles = (domains: string[]): string =>
  requiredMailboxes(domains)
    .map((address) => `${address} ${ldap.admins}@${domains[0]}\n`)
    .join('');

/** The password is added on the server. Without `domains` it is asked about every address. */
export const table = (
  domains: string[],
  filter: string,
  result: string,
  base: string = ldap.users,
  more: string[] = [],
  attribute = 'uid',
): string =>
  [
    `server_host = ldaps://${ldap.host}`,
    'version = 3',
    'bind = yes',
    `bind_dn = ${bindDn('mail', 'readers')}`,
    `search_base = ${base}`,
    'scope = sub',
    ...(domains.length > 0 ? [`domain = ${domains.join(', ')}`] : []),
    `query_filter = ${filter}`,
    `result_attribute = ${attribute}`,
    `result_format = ${result}`,
    ...more,
    'tls_ca_cert_file = /etc/ssl/certs/ca-certificates.crt',
    'tls_require_cert = yes',
    'timeout = 5',
    '',
  ].join('\n');
