import { randomBytes, randomUUID } from 'node:crypto';
import type { PendingQuery, Row, Sql } from 'postgres';

/** A user with a vault, reduced to what a login needs. */
export interface User {
  uuid: string;
  email: string;
  name: string;
  enabled: boolean;
  /** A session with another stamp is over: Vaultwarden's own way to end every session. */
  securityStamp: string;
}

/** A user, as the login describes them. */
export interface Identity {
  /** `iss` and `sub` (OpenID Connect Core §2), which never change. */
  identifier: string;
  email: string;
  name: string;
}

/** The tables of Vaultwarden that a login uses, under its own names, so that the hooks for users work the same. */
export class Store {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async prepare(): Promise<void> {
    await this.#sql.unsafe(`
      CREATE TABLE IF NOT EXISTS users (uuid char(36) PRIMARY KEY, email varchar(255) NOT NULL UNIQUE, name text NOT NULL,
        enabled boolean NOT NULL DEFAULT true, security_stamp text NOT NULL);
      CREATE TABLE IF NOT EXISTS devices (uuid varchar(40) PRIMARY KEY, user_uuid char(36) NOT NULL REFERENCES users,
        refresh_token text NOT NULL);
      CREATE TABLE IF NOT EXISTS sso_users (user_uuid char(36) PRIMARY KEY REFERENCES users, identifier text NOT NULL UNIQUE)`);
  }

  /** The user with this identifier, created at the first login. Undefined when another user has the address. */
  async ensureUser({ identifier, email, name }: Identity): Promise<User | undefined> {
    const byIdentifier = this.#sql`uuid = (SELECT user_uuid FROM sso_users WHERE identifier = ${identifier})`;
    const known = await this.#find(byIdentifier);
    if (known) return known;
    await this.#sql.begin(async (sql) => {
      const [made] = await sql<{ uuid: string }[]>`
        INSERT INTO users (uuid, email, name, security_stamp)
        VALUES (${randomUUID()}, ${email.toLowerCase()}, ${name}, ${randomUUID()})
        ON CONFLICT DO NOTHING RETURNING uuid`;
      if (made) await sql`INSERT INTO sso_users VALUES (${made.uuid}, ${identifier}) ON CONFLICT DO NOTHING`;
    });
    return this.#find(byIdentifier);
  }

  userById = (uuid: string): Promise<User | undefined> => this.#find(this.#sql`uuid = ${uuid}`);

  /** Remembers a device. Returns the token that renews its access (RFC 6749 §6). */
  async addDevice(user: User): Promise<string> {
    const token = randomBytes(48).toString('base64url');
    await this.#sql`INSERT INTO devices VALUES (${randomUUID()}, ${user.uuid}, ${token})`;
    return token;
  }

  userByRefreshToken = (token: string): Promise<User | undefined> =>
    this.#find(this.#sql`uuid = (SELECT user_uuid FROM devices WHERE refresh_token = ${token})`);

  async #find(condition: PendingQuery<Row[]>): Promise<User | undefined> {
    const [found] = await this.#sql<
      User[]
    >`SELECT uuid, email, name, enabled, security_stamp AS "securityStamp" FROM users WHERE ${condition}`;
    return found;
  }
}
