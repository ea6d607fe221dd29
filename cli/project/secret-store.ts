import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { generateIdentity } from 'age-encryption';
import { ProblemsError } from '../../core/problem.ts';
import { readBytes, readText, writeWhole } from '../../system/whole-file.ts';
import { assertWholeKey, isOtherKey, keyIn, sealWith, unsealWith } from './age-key.ts';

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
    return sealWith(this.#identity, text);
  }

  /** Opens what `seal` made; throws when it was made for another key. */
  async unseal(sealed: Uint8Array): Promise<string> {
    return unsealWith(this.#identity, sealed);
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

async function loadKey(havenId: string, mayMake: boolean): Promise<string> {
  const given = process.env.HAVEN_AGE_KEY?.trim();
  if (given) return assertWholeKey('HAVEN_AGE_KEY', given);
  const file = SecretStore.keyFile(havenId);
  if (existsSync(file)) return readKeyFile(file);
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
  writeKeyFile(file, havenId, identity);
  return identity;
}

/** The key in a file that only its owner can read. */
export function readKeyFile(file: string): string {
  if (statSync(file).mode & 0o077)
    throw new ProblemsError([
      { where: file, what: 'can be read by others on this machine.', remedy: `Run: chmod 600 ${file}` },
    ]);
  return assertWholeKey(file, keyIn(readText(file)));
}

/** Keeps a key for the cloud's next commands. Throws if the file exists. */
export function writeKeyFile(file: string, havenId: string, identity: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(
    file,
    `# The key to secrets.age of haven ${havenId}. Keep a copy somewhere safe: without it they are lost.\n${identity}\n`,
    { mode: 0o600, flag: 'wx' },
  );
}
