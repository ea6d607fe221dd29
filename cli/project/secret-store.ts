import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { ProblemsError } from '../../core/problem.ts';
import { readBytes, readText, writeWhole } from '../../system/whole-file.ts';

/**
 * Secrets that cross between owner and server, in one age file (`secrets.age`) in the owner's directory. Its key comes
 * from HAVEN_AGE_KEY, or from a file outside the directory that only its owner can read.
 */
export class SecretStore {
  readonly #file: string;
  readonly #identity: string;
  #values: Record<string, string>;

  private constructor(file: string, identity: string, values: Record<string, string>) {
    this.#file = file;
    this.#identity = identity;
    this.#values = values;
  }

  static keyFile(havenId: string): string {
    return (
      process.env.HAVEN_AGE_KEY_FILE ??
      join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'openhaven', `${havenId}.key`)
    );
  }

  /** Opens the file, or makes key and file where neither exists yet. */
  static async open(directory: string, havenId: string): Promise<SecretStore> {
    const file = join(directory, 'secrets.age');
    const sealed = existsSync(file) ? readBytes(file) : undefined;
    const identity = await loadKey(havenId, sealed === undefined);
    const store = new SecretStore(file, identity, {});
    if (sealed === undefined) return store;
    try {
      store.#values = JSON.parse(await store.unseal(sealed)) as Record<string, string>;
      return store;
    } catch (error) {
      throw isOtherKey(error) ? otherKey(file, havenId) : damaged(file);
    }
  }

  get(name: string): string | undefined {
    return this.#values[name];
  }

  names(): string[] {
    return Object.keys(this.#values).sort();
  }

  async set(name: string, value: string): Promise<void> {
    await this.#write({ ...this.#values, [name]: value });
  }

  async remove(name: string): Promise<void> {
    const { [name]: _, ...left } = this.#values;
    await this.#write(left);
  }

  async #write(values: Record<string, string>): Promise<void> {
    this.#values = values;
    const sealed = await this.seal(JSON.stringify(this.#values));
    writeWhole(this.#file, sealed, 0o600);
  }

  /** Encrypts a text for those who can open this store. */
  async seal(text: string): Promise<Uint8Array> {
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(this.#identity));
    return encrypter.encrypt(text);
  }

  /** Opens what `seal` made; throws when it was made for another key. */
  async unseal(sealed: Uint8Array): Promise<string> {
    const decrypter = new Decrypter();
    decrypter.addIdentity(this.#identity);
    return decrypter.decrypt(sealed, 'text');
  }

  /** The value, made by `make` at its first use. */
  async ensure(name: string, make: () => string | Promise<string>): Promise<string> {
    const there = this.get(name);
    if (there !== undefined) return there;
    const value = await make();
    await this.set(name, value);
    return value;
  }
}

/** A whole file that was sealed for others says so, in these words of age-encryption's. */
const isOtherKey = (error: unknown): boolean =>
  error instanceof Error && /no identity matched/.test(error.message);

const otherKey = (where: string, havenId: string): ProblemsError =>
  new ProblemsError([
    {
      where,
      what: 'was sealed for another key than the one that is here.',
      remedy: `Put the right one into ${SecretStore.keyFile(havenId)} or HAVEN_AGE_KEY.`,
    },
  ]);

const damaged = (where: string): ProblemsError =>
  new ProblemsError([
    {
      where,
      what: 'is damaged: it was cut short or changed, so no key opens it.',
      remedy: 'Restore it from your repository (git checkout secrets.age), or from another copy.',
    },
  ]);

/** What a key looks like: 32 bytes in Bech32 (age-encryption.org/v1, "The X25519 recipient type"). */
const keyPattern = /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/;

async function loadKey(havenId: string, mayMake: boolean): Promise<string> {
  const given = process.env.HAVEN_AGE_KEY?.trim();
  if (given) return wholeKey('HAVEN_AGE_KEY', given);
  const file = SecretStore.keyFile(havenId);
  if (existsSync(file)) {
    if (statSync(file).mode & 0o077) {
      throw new ProblemsError([
        { where: file, what: 'can be read by others on this machine.', remedy: `Run: chmod 600 ${file}` },
      ]);
    }
    const lines = readText(file).split('\n');
    return wholeKey(file, lines.find((line) => line.startsWith('AGE-SECRET-KEY-'))?.trim() ?? '');
  }
  if (!mayMake) {
    throw new ProblemsError([
      {
        where: 'secrets.age',
        what: 'its key is not here.',
        remedy: `Put it into ${file} (mode 600), or into the variable HAVEN_AGE_KEY.`,
      },
    ]);
  }
  const identity = await generateIdentity();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(
    file,
    `# The key to secrets.age of haven ${havenId}. Keep a copy somewhere safe: without it they are lost.\n${identity}\n`,
    { mode: 0o600, flag: 'wx' },
  );
  return identity;
}

/** A key that was cut short opens nothing, and nothing may be sealed with it. */
function wholeKey(where: string, key: string): string {
  if (keyPattern.test(key)) return key;
  const what =
    key === ''
      ? 'has no key: no line begins with AGE-SECRET-KEY.'
      : 'is not a whole key: it was cut short or changed.';
  throw new ProblemsError([{ where, what, remedy: 'Restore it from the copy that you keep elsewhere.' }]);
}
