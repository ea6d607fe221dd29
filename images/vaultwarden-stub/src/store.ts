import { randomBytes, randomUUID } from 'node:crypto';
import type { PendingQuery, Row, Sql } from 'postgres';

/** A user with a vault, as far as a login needs it. */
export interface User {
  uuid: string;
  email: string;
  name: string;
  enabled: boolean;
  /** A session with another stamp has ended: this is how Vaultwarden ends every session. */
  securityStamp: string;
}

/** What the login says about a user. */
export interface Identity {
  /** `iss` and `sub` (OpenID Connect Core §2), the same for ever. */
  identifier: string;
  email: string;
  emailVerified: boolean;
  name: string;
}

/** A browser or app that logged in. */
export interface Device {
  uuid: string;
  name: string;
  type: number;
}

/**
 * The tables of Vaultwarden 1.37 that a login and the user hooks touch, with its own names and keys
 * (migrations/postgresql), so that what is done to users does the same to the real one.
 */
export class Store {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async prepare(): Promise<void> {
    await this.#sql.unsafe(`
      CREATE TABLE IF NOT EXISTS users (uuid char(36) PRIMARY KEY, enabled boolean NOT NULL DEFAULT true,
        email text NOT NULL UNIQUE, name text NOT NULL, security_stamp text NOT NULL, api_key varchar(255));
      CREATE TABLE IF NOT EXISTS devices (uuid varchar(40) NOT NULL, user_uuid char(36) NOT NULL REFERENCES users,
        name text NOT NULL, atype integer NOT NULL, refresh_token text NOT NULL,
        created_at timestamp NOT NULL DEFAULT now(), updated_at timestamp NOT NULL DEFAULT now(),
        PRIMARY KEY (uuid, user_uuid));
      CREATE TABLE IF NOT EXISTS sso_users (user_uuid char(36) PRIMARY KEY REFERENCES users ON UPDATE CASCADE ON DELETE CASCADE,
        identifier text NOT NULL UNIQUE, created_at timestamp NOT NULL DEFAULT now());
      CREATE TABLE IF NOT EXISTS users_organizations (uuid char(36) PRIMARY KEY, user_uuid char(36) NOT NULL REFERENCES users,
        org_uuid char(36) NOT NULL, status integer NOT NULL, atype integer NOT NULL);
      CREATE TABLE IF NOT EXISTS organization_api_key (uuid char(36) NOT NULL, org_uuid char(36) NOT NULL,
        atype integer NOT NULL, api_key varchar(255), revision_date timestamp NOT NULL DEFAULT now(),
        PRIMARY KEY (uuid, org_uuid))`);
  }

  /**
   * The user with this identifier, created the first time. Undefined when another user already has the address, or
   * the login has not verified it: later logins no longer ask that.
   */
  async ensureUser({ identifier, email, emailVerified, name }: Identity): Promise<User | undefined> {
    const byIdentifier = this.#sql`uuid = (SELECT user_uuid FROM sso_users WHERE identifier = ${identifier})`;
    const known = await this.#find(byIdentifier);
    if (known || !emailVerified) return known;
    await this.#sql.begin(async (sql) => {
      const [made] = await sql<{ uuid: string }[]>`
        INSERT INTO users (uuid, email, name, security_stamp)
        VALUES (${randomUUID()}, ${email.toLowerCase()}, ${name}, ${randomUUID()})
        ON CONFLICT DO NOTHING RETURNING uuid`;
      if (made)
        await sql`INSERT INTO sso_users (user_uuid, identifier) VALUES (${made.uuid}, ${identifier}) ON CONFLICT DO NOTHING`;
    });
    return this.#find(byIdentifier);
  }

  userById = (uuid: string): Promise<User | undefined> => this.#find(this.#sql`uuid = ${uuid}`);

  /** Remembers a device, or finds it; answers with what renews its access (RFC 6749 §6). */
  async ensureDevice(user: User, { uuid, name, type }: Device): Promise<string> {
    const token = randomBytes(48).toString('base64url');
    const [device] = await this.#sql<{ token: string }[]>`
      INSERT INTO devices (uuid, user_uuid, name, atype, refresh_token) VALUES (${uuid}, ${user.uuid}, ${name}, ${type}, ${token})
      ON CONFLICT (uuid, user_uuid) DO UPDATE SET updated_at = now() RETURNING refresh_token AS token`;
    return device!.token;
  }

  async hasDevice(uuid: string, userUuid: string): Promise<boolean> {
    const found = await this.#sql`SELECT 1 FROM devices WHERE uuid = ${uuid} AND user_uuid = ${userUuid}`;
    return found.length > 0;
  }

  /** Whose device renews its access by this, and which one it is. */
  async deviceByRefreshToken(token: string): Promise<{ user: User; device: string } | undefined> {
    const [found] = await this.#sql<{ uuid: string; userUuid: string }[]>`
      SELECT uuid, user_uuid AS "userUuid" FROM devices WHERE refresh_token = ${token}`;
    const user = found && (await this.userById(found.userUuid));
    return user && { user, device: found.uuid };
  }

  async #find(condition: PendingQuery<Row[]>): Promise<User | undefined> {
    const [found] = await this.#sql<
      User[]
    >`SELECT uuid, email, name, enabled, security_stamp AS "securityStamp" FROM users WHERE ${condition}`;
    return found;
  }
}
