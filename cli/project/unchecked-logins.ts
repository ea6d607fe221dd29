import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../files/read-json.ts';

/**
 * Services whose login has not been tried since something changed that it depends on. Noted before each change, so that
 * a run that fails or is cut off leaves its checks to the next one.
 */
export class UncheckedLogins {
  readonly #file: string;

  constructor({ stateFolder }: { stateFolder: string }) {
    this.#file = join(stateFolder, '..', 'unchecked-logins.json');
  }

  get services(): string[] {
    const remedy = 'Delete it, then run: haven status --logins';
    return readJson(this.#file, z.array(z.string()), remedy) ?? [];
  }

  add(services: string[]): void {
    const known = this.services;
    const all = [...new Set([...known, ...services])].sort();
    if (all.length > known.length) writeFileSync(this.#file, `${JSON.stringify(all)}\n`, { flush: true });
  }

  /** All of them have been tried, and let in who should get in. */
  clear(): void {
    rmSync(this.#file, { force: true });
  }
}
