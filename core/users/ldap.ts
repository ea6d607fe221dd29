import type { LdapRole } from '../service.ts';

const suffix = 'dc=haven';
const services = `ou=services,${suffix}`;

/**
 * The tree in LDAP (RFC 4514 names). Its root does not contain the domain, so that a cloud can change its domain and
 * keep its users.
 */
export const ldap = {
  /** Name of the service, and of its server on the network that it has with each client. */
  host: 'ldap',
  suffix,
  users: `ou=users,${suffix}`,
  groups: `ou=groups,${suffix}`,
  /** Accounts that are not users: a printer, a shop. */
  devices: `ou=devices,${suffix}`,
  appPasswords: `ou=app-passwords,${suffix}`,
  services,
  /** Programs that manage users: they may write them. */
  federation: `ou=federation,${services}`,
  /** Programs that only look users up. */
  readers: `ou=readers,${services}`,
  /** The portal, where users manage their own app passwords: it may write those, and read nothing else. */
  selfService: `ou=self-service,${services}`,
  agent: `cn=agent,${services}`,
  /** The group of this cloud's administrators. */
  admins: 'admins',
} as const;

/** The account with which a service connects to LDAP. */
export const bindDn = (service: string, role: LdapRole): string => `cn=${service},${ldap[role]}`;
