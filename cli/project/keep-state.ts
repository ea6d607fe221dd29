import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Keeps a state that another one takes the place of, in a file of its own. Answers with its path. */
export function keepState(stateFolder: string, text: string): string {
  const folder = join(stateFolder, '..', 'kept-states');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${readdirSync(folder).length + 1}.json`);
  writeFileSync(file, text, { mode: 0o600, flag: 'wx', flush: true });
  return file;
}
