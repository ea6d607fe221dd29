import { createHash, randomBytes } from 'node:crypto';
import { Attribute, Change, Client, type Entry, NoSuchObjectError } from 'ldapts';

/** One app password, as its owner sees it. The password is shown once, when it is created. */
export interface AppPassword {
  id: string;
  label: string;
  /** ISO 8601. */
  made: string;
}

/** The address of LDAP, and the portal's own account there. */
export interface LdapAccess {
  url: string;
  dn: string;
  password: string;
  /** The parent of the users' own entries. */
  base: string;
}

/** The limit for each user: at a program's login every hash has to be tried. */
export const mostAppPasswords = 20;

/**
 * App passwords of users: values of `userPassword` in an entry of their own. slapd hashes them and accepts any of
 * them. The agent creates and deletes the entries. LDAP lets the portal change one only while its user is enabled.
 */
export class AppPasswords {
  readonly #access: LdapAccess;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(access: LdapAccess) {
    this.#access = access;
  }

  list = (user: string): Promise<AppPassword[]> =>
    this.#withEntry(user, async (_client, entry) => labelsOf(entry));

  /** Creates one and returns its text, which is stored nowhere. Undefined when the user has reached the limit. */
  add(user: string, label: string): Promise<string | undefined> {
    return this.#withEntry(user, async (client, entry) => {
      if (labelsOf(entry).length >= mostAppPasswords) return undefined;
      const text = readable(randomBytes(15));
      const dn = this.#dn(user);
      if (!entry) throw new Error(`LDAP has no entry for the app passwords of ${user}`);
      await client.modify(dn, change('add', 'userPassword', text));
      const before = hashesOf(entry);
      const made = hashesOf(await this.#find(client, user)).find((each) => !before.includes(each));
      if (made === undefined) throw new Error('LDAP accepted an app password but does not list it');
      const line = `${idOf(made)} ${new Date().toISOString()} ${label}`;
      await client.modify(dn, change('add', 'havenAppPassword', line));
      return text;
    });
  }

  /** Revokes one. Does nothing if it no longer exists. */
  remove(user: string, id: string): Promise<void> {
    return this.#withEntry(user, async (client, entry) => {
      const hash = hashesOf(entry).find((each) => idOf(each) === id);
      const line = linesOf(entry).find((each) => each.startsWith(`${id} `));
      const changes = [
        ...(hash ? [change('delete', 'userPassword', hash)] : []),
        ...(line ? [change('delete', 'havenAppPassword', line)] : []),
      ];
      if (changes.length > 0) await client.modify(this.#dn(user), changes);
    });
  }

  #dn = (user: string): string => `uid=${user},${this.#access.base}`;

  /** One at a time, because the new value is found by comparing with the values before. */
  #withEntry<T>(user: string, work: (client: Client, entry: Entry | undefined) => Promise<T>): Promise<T> {
    // The auth proxy passes on names from LDAP; anything else could address another entry.
    if (!/^[a-z][a-z0-9._-]{1,31}$/.test(user)) throw new Error('this is not a valid user name');
    const turn = this.#turn.then(async () => {
      const client = new Client({ url: this.#access.url, connectTimeout: 5000, timeout: 10_000 });
      try {
        await client.bind(this.#access.dn, this.#access.password);
        return await work(client, await this.#find(client, user));
      } finally {
        await client.unbind();
      }
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #find(client: Client, user: string): Promise<Entry | undefined> {
    try {
      const attributes = ['userPassword', 'havenAppPassword'];
      const found = await client.search(this.#dn(user), { scope: 'base', attributes });
      return found.searchEntries[0];
    } catch (error) {
      if (error instanceof NoSuchObjectError) return undefined;
      throw error;
    }
  }
}

const change = (operation: 'add' | 'delete', type: string, value: string): Change =>
  new Change({ operation, modification: new Attribute({ type, values: [value] }) });

const valuesOf = (value: Entry[string] | undefined): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
const hashesOf = (entry: Entry | undefined): string[] => valuesOf(entry?.userPassword);
const linesOf = (entry: Entry | undefined): string[] => valuesOf(entry?.havenAppPassword);
const idOf = (hash: string): string => createHash('sha256').update(hash).digest('hex').slice(0, 16);

/** A label without its password is left from an interrupted creation: nobody ever saw that password. */
function labelsOf(entry: Entry | undefined): AppPassword[] {
  const ids = hashesOf(entry).map(idOf);
  return linesOf(entry)
    .flatMap((line) => {
      const [, id = '', made = '', label = ''] = /^(\w+) (\S+) (.*)$/.exec(line) ?? [];
      return ids.includes(id) ? [{ id, made, label }] : [];
    })
    .sort((a, b) => (a.made < b.made ? -1 : 1));
}

/** 120 bits in groups of four, in letters and digits that can't be confused (RFC 4648 §6, in lower case). */
function readable(bytes: Buffer): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  let bits = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let n = 0; n < (bytes.length * 8) / 5; n++) {
    text = letters[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return text.match(/.{4}/g)!.join('-');
}
