import { existsSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { runsProgram } from '../../system/process-command.ts';
import { deleteIt, readJson } from '../files/read-json.ts';
import type { Project } from './project.ts';

const lockSchema = z.object({ pid: z.number(), hostname: z.string() });

/** Removes the engine's lock of a run that was killed on this machine; any other is of a run that is under way. */
export function clearStaleLock(project: Pick<Project, 'stateFolder'>): void {
  const folder = join(project.stateFolder, '.pulumi', 'locks');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    // Beside each lock the engine keeps a file with its attributes, which ends in `.attrs`.
    if (!name.isFile() || !name.name.endsWith('.json')) continue;
    const file = join(name.parentPath, name.name);
    const lock = readJson(file, lockSchema, deleteIt);
    if (lock?.hostname === hostname() && !runsProgram(lock.pid, 'pulumi'))
      for (const each of [file, `${file}.attrs`]) rmSync(each, { force: true });
  }
}
