import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../system/run.ts';

/**
 * A folder that shows several places as one, for restic: paths in it are the same each time, wherever the data is, so
 * that restic finds the backup before. Nothing is copied; what is elsewhere is mounted here, read-only.
 */
export type TreePart = { path: string; from: string } | { path: string; text: string };

/** Builds the tree while something is done with it. What an interrupted run left of it is removed first. */
export async function withTree<T>(folder: string, parts: TreePart[], work: () => Promise<T>): Promise<T> {
  await removeTree(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    for (const part of parts) await addPart(folder, part);
    return await work();
  } finally {
    await removeTree(folder);
  }
}

async function addPart(folder: string, part: TreePart): Promise<void> {
  const to = join(folder, part.path);
  mkdirSync(join(to, '..'), { recursive: true, mode: 0o700 });
  if ('text' in part) return writeFileSync(to, part.text, { mode: 0o600 });
  if (statSync(part.from).isDirectory()) mkdirSync(to);
  else writeFileSync(to, '');
  await run('mount', ['--bind', '-o', 'ro', part.from, to]);
}

/** Unmounts what is in the tree, then removes the rest. Never removes a file of what is mounted. */
export async function removeTree(folder: string): Promise<void> {
  // Of two at the same place the upper one comes last.
  for (const place of mountsBelow(folder).toReversed()) await run('umount', [place]);
  const left = mountsBelow(folder);
  if (left.length > 0) throw new Error(`${left.join(', ')} can't be unmounted.`);
  rmSync(folder, { recursive: true, force: true });
}

/** Mount points below a folder, in the order in which they were mounted (proc_pid_mountinfo(5)). */
const mountsBelow = (folder: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => unescaped(line.split(' ')[4] ?? ''))
    .filter((place) => place.startsWith(`${folder}/`));

/** Blanks and the like are written as octal numbers there. */
const unescaped = (place: string): string =>
  place.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
