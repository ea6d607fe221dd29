/** Facts about this cloud, from the portal's release: written by `haven`, constant until the next deploy. */
export interface Cloud {
  name: string;
  owner: string;
  /** Where users manage their password, passkeys and second factor. */
  account: string;
  /** Logs a user out of the portal and of the login. */
  logout: string;
  /** Titles of all services, by id. */
  titles: Record<string, string>;
  services: {
    id: string;
    title: string;
    summary: Record<Language, string>;
    url: string;
    stub?: boolean;
  }[];
  /** This page's own address, without a path. */
  origin: string;
  /** Titles of services that accept app passwords from LDAP. */
  appPasswordsFor: string[];
  /** Its mail server, and the domains of its users' addresses; left out without one. */
  mail?: { host: string; domains: string[]; pop3?: boolean };
  /** Where users read email in the browser; left out without webmail. */
  webmail?: string;
  /** Where users create tokens for git; left out without Gitea. */
  gitTokens?: string;
}

export type Language = 'en' | 'de';

/** The result of the agent's last look. */
export interface Status {
  at: string;
  services: { id: string; state: 'up' | 'down' | 'off' | 'changing' }[];
}

/** The user of a request, as the auth proxy names them. The reverse proxy removes these headers from anyone else. */
export interface Visitor {
  name: string;
  groups: string[];
}
