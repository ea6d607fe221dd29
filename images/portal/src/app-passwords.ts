import { createHash, randomBytes } from 'node:crypto';
import { Attribute, Change, Client, type Entry, NoSuchObjectError } from 'ldapts';

/** One app password, as its owner knows it. Its text is shown once, when it is made. */
export interface AppPassword {
  id: string;
  label: string;
  /** ISO 8601. */
  made: string;
}

/** Where LDAP is, and this page's own account there. */
export interface LdapAccess {
  url: string;
  dn: string;
  password: string;
  /** Below it each user has an entry of their own. */
  base: string;
}

/** At most so many for each user: every one is a hash to be tried at each login of a program. */
export const mostAppPasswords = 20;

/** App passwords of users: values of `userPassword` in an entry of their own, hashed by slapd, which takes any of them. */
export class AppPasswords {
  readonly #access: LdapAccess;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(access: LdapAccess) {
    this.#access = access;
  }

  list = (user: string): Promise<AppPassword[]> =>
    this.#withEntry(user, async (_client, entry) => labelsOf(entry));

  /** Makes one; answers with its text, which is nowhere else. Undefined where the user has enough of them. */
  add(user: string, label: string): Promise<string | undefined> {
    return this.#withEntry(user, async (client, entry) => {
      if (labelsOf(entry).length >= mostAppPasswords) return undefined;
      const text = readable(randomBytes(15));
      const dn = this.#dn(user);
      if (!entry) await client.add(dn, { objectClass: ['havenAppAccount'], uid: user });
      await client.modify(dn, change('add', 'userPassword', text));
      const before = hashesOf(entry);
      const made = hashesOf(await this.#find(client, user)).find((each) => !before.includes(each));
      if (made === undefined) throw new Error('LDAP took an app password and does not show it');
      const line = `${idOf(made)} ${new Date().toISOString()} ${label}`;
      await client.modify(dn, change('add', 'havenAppPassword', line));
      return text;
    });
  }

  /** Takes one back. It is fine if it is gone. */
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

  /** One at a time: what is new is found by what was there before. */
  #withEntry<T>(user: string, work: (client: Client, entry: Entry | undefined) => Promise<T>): Promise<T> {
    // The auth proxy hands on names that LDAP gave; anything else would be another place in it.
    if (!/^[a-z][a-z0-9._-]{1,31}$/.test(user)) throw new Error('this is no name of a user');
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

/** A line without its password is one whose making was cut off: nobody ever saw that password. */
function labelsOf(entry: Entry | undefined): AppPassword[] {
  const ids = hashesOf(entry).map(idOf);
  return linesOf(entry)
    .flatMap((line) => {
      const [, id = '', made = '', label = ''] = /^(\w+) (\S+) (.*)$/.exec(line) ?? [];
      return ids.includes(id) ? [{ id, made, label }] : [];
    })
    .sort((a, b) => (a.made < b.made ? -1 : 1));
}

/** 120 bits in groups of four, in letters and digits that nobody takes for one another (RFC 4648 §6, in lower case). */
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
