import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemsError } from '../core/problem.ts';
import { daemonPid, rehearsalEnvironment } from '../rehearsal/rehearsal.ts';

/** An owner's directory that is a rehearsal says so in `.haven/rehearsal`; its commands then meet the rehearsed world. */
const markOf = (directory: string): string => join(directory, '.haven', 'rehearsal');

export function markRehearsal(directory: string): void {
  mkdirSync(join(directory, '.haven'), { recursive: true, mode: 0o700 });
  writeFileSync(markOf(directory), 'This cloud is rehearsed on this machine; nothing of it is real.\n');
}

export const isRehearsal = (directory: string): boolean => existsSync(markOf(directory));

/** Points this process at the rehearsal where the directory is one. */
export function enterRehearsal(directory: string): void {
  if (!isRehearsal(directory)) return;
  if (!daemonPid()) {
    throw new ProblemsError([
      {
        where: directory,
        what: 'this cloud is a rehearsal, and the rehearsal is not running.',
        remedy: 'Type: haven try start',
      },
    ]);
  }
  Object.assign(process.env, rehearsalEnvironment());
}
