import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ProblemsError } from '../../core/problem.ts';

/**
 * Creates a folder and those above it, or says why it can't. One level at a time: where a file system refuses new folders,
 * as /proc does, Node's own recursive way never ends.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) return;
    throw refused(path, 'is a file, not a directory.');
  }
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    throw refused(path, `can't be created: ${(error as Error).message}.`);
  }
}

const refused = (where: string, what: string): ProblemsError =>
  new ProblemsError([{ where, what, remedy: 'Choose another --directory.' }], 'usage');
