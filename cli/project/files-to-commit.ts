import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a run writes beside haven.yaml, and a run in another copy of the folder needs. */
const written = ['haven.lock', 'secrets.age'];

/**
 * Whether a run changed files that a git repository should have. Another copy of the folder, such as the one that CI makes
 * for each run, would otherwise make its own keys.
 */
export class FilesToCommit {
  readonly #directory: string;
  readonly #before: Map<string, string | undefined>;

  constructor(directory: string) {
    this.#directory = directory;
    this.#before = new Map(written.map((name) => [name, this.#read(name)]));
  }

  /** What to tell the owner; undefined where nothing changed, or the folder is in no repository. */
  get note(): string | undefined {
    const changed = written.filter((name) => this.#read(name) !== this.#before.get(name));
    if (changed.length === 0 || !isInRepository(this.#directory)) return undefined;
    return `Commit ${changed.join(' and ')}: this run wrote there what runs in other copies of this folder need.`;
  }

  #read(name: string): string | undefined {
    const file = join(this.#directory, name);
    return existsSync(file) ? readFileSync(file, 'base64') : undefined;
  }
}

function isInRepository(directory: string): boolean {
  if (existsSync(join(directory, '.git'))) return true;
  const parent = dirname(directory);
  return parent !== directory && isInRepository(parent);
}
