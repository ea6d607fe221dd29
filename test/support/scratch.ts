import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for a test's files, gone when its process ends. */
export function scratch(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `haven-${name}-`));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
