import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Store } from './store.ts';

/** A value that an emulator remembers, in one JSON file that is replaced as a whole. */
export class JsonStore<T> implements Store<T> {
  readonly #file: string;
  value: T;

  constructor(file: string, initial: T) {
    this.#file = file;
    this.value = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : initial;
  }

  save(): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.value, null, 1), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}
