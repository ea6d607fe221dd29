import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { runsProgram } from '../../system/process-command.ts';
import type { Project } from './project.ts';

/** Removes the engine's lock of a run that was killed on this machine; any other is of a run that is under way. */
export function clearStaleLock(project: Project): void {
  const folder = join(project.stateFolder, '.pulumi', 'locks');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const file = join(name.parentPath, name.name);
    const lock = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; hostname: string };
    if (lock.hostname === hostname() && !runsProgram(lock.pid, 'pulumi')) rmSync(file);
  }
}
