import type { LdapRole } from '../service.ts';

const suffix = 'dc=haven';
const services = `ou=services,${suffix}`;

/**
 * The tree in LDAP (RFC 4514 names). Its root says nothing of the domain, so that a cloud may change its
 * domain and keep its users.
 */
export const ldap = {
  /** Name of the service, and of its server on the network that it shares with those who ask it. */
  host: 'ldap',
  suffix,
  users: `ou=users,${suffix}`,
  groups: `ou=groups,${suffix}`,
  /** Accounts that are no users: a printer, a shop. */
  devices: `ou=devices,${suffix}`,
  appPasswords: `ou=app-passwords,${suffix}`,
  services,
  /** Programs that keep users: they may write them. */
  federation: `ou=federation,${services}`,
  /** Programs that only look users up. */
  readers: `ou=readers,${services}`,
  /** The page at which users keep their own app passwords: it may write those, and read nothing else. */
  selfService: `ou=self-service,${services}`,
  agent: `cn=agent,${services}`,
  /** The group of those who administer this cloud. */
  admins: 'admins',
} as const;

/** The account with which a service asks LDAP. */
export const bindDn = (service: string, role: LdapRole): string => `cn=${service},${ldap[role]}`;
