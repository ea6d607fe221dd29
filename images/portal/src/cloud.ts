/** What this cloud is, as its release says: written by `haven`, the same until the next change. */
export interface Cloud {
  name: string;
  owner: string;
  /** Where users keep their password, passkeys and second factor. */
  account: string;
  /** Where a user logs out, of this page and of the login. */
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
  /** Titles of services that take app passwords of LDAP's. */
  appPasswordsFor: string[];
  /** Where git's own app passwords are made; left out where there is no Gitea. */
  gitTokens?: string;
}

export type Language = 'en' | 'de';

/** What the agent saw when it last looked. */
export interface Status {
  at: string;
  services: { id: string; state: 'up' | 'down' | 'off' | 'changing' }[];
}

/** Who is asking, as the auth proxy says. The reverse proxy lets nobody else say it. */
export interface Visitor {
  name: string;
  groups: string[];
}
