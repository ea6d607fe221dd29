import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemsError } from '../../core/problem.ts';
import { daemonPid, sandboxEnvironment } from '../../sandbox/sandbox.ts';

/** An owner's directory that is a sandbox says so in `.haven/sandbox`; its commands then meet the sandbox internet. */
const markOf = (directory: string): string => join(directory, '.haven', 'sandbox');

export function markSandbox(directory: string): void {
  mkdirSync(join(directory, '.haven'), { recursive: true, mode: 0o700 });
  writeFileSync(
    markOf(directory),
    'This cloud runs in the sandbox of this machine; nothing of it is real.\n',
  );
}

export const isSandbox = (directory: string): boolean => existsSync(markOf(directory));

/** Points this process at the sandbox where the directory is one. */
export function enterSandbox(directory: string): void {
  if (!isSandbox(directory)) return;
  if (!daemonPid()) {
    throw new ProblemsError([
      {
        where: directory,
        what: 'this cloud is a sandbox, and the sandbox is not running.',
        remedy: 'Type: haven sandbox start',
      },
    ]);
  }
  Object.assign(process.env, sandboxEnvironment());
}
