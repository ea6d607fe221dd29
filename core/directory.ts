const suffix = 'dc=haven';
const services = `ou=services,${suffix}`;

/**
 * The tree of the directory (RFC 4514 names). Its root says nothing of the domain, so that a cloud may change its
 * domain and keep its people.
 */
export const directory = {
  /** Name of the service, and of its server on the network that it shares with those who ask it. */
  host: 'directory',
  suffix,
  people: `ou=people,${suffix}`,
  groups: `ou=groups,${suffix}`,
  /** Accounts that are no people: a printer, a shop. */
  devices: `ou=devices,${suffix}`,
  appPasswords: `ou=app-passwords,${suffix}`,
  services,
  /** Programs that keep people: they may write them. */
  federation: `ou=federation,${services}`,
  /** Programs that only look people up. */
  readers: `ou=readers,${services}`,
  /** The page at which people keep their own app passwords: it may write those, and read nothing else. */
  selfService: `ou=self-service,${services}`,
  agent: `cn=agent,${services}`,
  /** The group of those who administer this cloud. */
  admins: 'admins',
} as const;

export type DirectoryRole = 'federation' | 'readers' | 'selfService';

/** The account with which a service asks the directory. */
export const bindDn = (service: string, role: DirectoryRole): string => `cn=${service},${directory[role]}`;
