import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

/** A new folder for a test's files, gone when its process ends. */
export function scratch(name: string): string {
  if (made.length === 0)
    process.on('exit', () => {
      for (const folder of made) rmSync(folder, { recursive: true, force: true });
    });
  const folder = mkdtempSync(join(tmpdir(), `haven-${name}-`));
  made.push(folder);
  return folder;
}
