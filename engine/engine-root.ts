import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../system/cache-dir.ts';
import { engineSourceFiles } from './engine-source.ts';

/** The engine's version; `@pulumi/pulumi` in package.json is the same. */
export const engineVersion = '3.250.0';

const hash = createHash('sha256');
for (const file of engineSourceFiles) hash.update(readFileSync(file));
const key = hash.digest('hex').slice(0, 12);

/** The folder of an engine that was downloaded or built: `bin/pulumi`, a launcher, and `bin/pulumi-engine`. */
export const ownRoot = (cache: string): string => join(cache, `engine-${engineVersion}-${key}`);
/** The folder of an engine that this machine has on PATH: a launcher, and which program it starts. */
export const pathRoot = (cache: string): string => join(cache, `engine-${engineVersion}-on-path`);

/** The engine's folder, if this machine has an engine whose version was verified. */
export function findEngine(cache = cacheDir): string | undefined {
  if (existsSync(join(ownRoot(cache), 'bin', 'pulumi'))) return ownRoot(cache);
  return isAsVerified(pathRoot(cache)) ? pathRoot(cache) : undefined;
}

/** A program as it was when its version was asked. */
interface Verified {
  file: string;
  size: number;
  changed: number;
}

const noteIn = (root: string): string => join(root, 'verified.json');

/** Notes which program a launcher in `root` starts. */
export function noteVerified(root: string, file: string): void {
  const { size, mtimeMs } = statSync(file);
  const verified: Verified = { file, size, changed: mtimeMs };
  writeFileSync(noteIn(root), JSON.stringify(verified));
}

/** An update of that program replaces it, so size or time differ, and it is asked again. */
function isAsVerified(root: string): boolean {
  if (!existsSync(noteIn(root))) return false;
  const { file, size, changed } = JSON.parse(readFileSync(noteIn(root), 'utf8')) as Verified;
  const now = statSync(file, { throwIfNoEntry: false });
  return now?.size === size && now.mtimeMs === changed;
}

/**
 * Writes `bin/pulumi`, which starts `program` in a session of its own, so that Ctrl-C reaches us alone and we decide how it
 * ends. macOS has no `setsid`.
 */
export function writeLauncher(root: string, program: string): void {
  const launcher = join(root, 'bin', 'pulumi');
  const lines = [
    '#!/bin/sh',
    // Nothing but the shell itself is asked for: PATH may have no more than Node.
    'here=${0%/*}',
    `if command -v setsid >/dev/null; then exec setsid ${program} "$@"; fi`,
    `exec ${program} "$@"`,
  ];
  mkdirSync(join(root, 'bin'), { recursive: true });
  writeFileSync(launcher, `${lines.join('\n')}\n`);
  chmodSync(launcher, 0o755);
}
