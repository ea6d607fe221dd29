import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes the folder in which the engine keeps plugins and workspaces. A file is where it would make its folder of logs, so
 * it writes none (pkg/logging/encrypted.go of its source, StartLogging): they have each property of each resource, nobody
 * reads them, and packing them is a quarter of the work of its run.
 */
export function makePulumiHome(home: string): void {
  mkdirSync(home, { recursive: true });
  const logs = join(home, 'logs');
  if (lstatSync(logs, { throwIfNoEntry: false })?.isFile()) return;
  rmSync(logs, { recursive: true, force: true });
  writeFileSync(logs, '');
}
