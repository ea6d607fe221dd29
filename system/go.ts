import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from './cache-dir.ts';
import { findGo } from './find-go.ts';
import { type RunOptions, run } from './run.ts';

const goCache = join(cacheDir, 'go');

/**
 * Go as everything here is built with it: one module cache and one build cache for all programs, so that what they share
 * is downloaded and compiled once. The flags are the same everywhere, because the build cache goes by them.
 */
const settings = {
  ...process.env,
  CGO_ENABLED: '0',
  GOMODCACHE: join(goCache, 'mod'),
  GOCACHE: join(goCache, 'build'),
  // The caches can be deleted like any other folder.
  GOFLAGS: '-modcacherw -trimpath -buildvcs=false',
  // A module that needs a newer Go gets it, as a module.
  GOTOOLCHAIN: 'auto',
  GOWORK: 'off',
};
let found: Promise<string | undefined> | undefined;

/** The environment for `go` and for scripts that call it. */
export async function goEnvironment(): Promise<NodeJS.ProcessEnv> {
  found ??= findGo(settings);
  const folder = await found;
  return folder ? { ...settings, PATH: `${folder}:${process.env.PATH}` } : settings;
}

export async function go(args: string[], options: RunOptions = {}): Promise<string> {
  const env = await goEnvironment();
  const { stdout } = await run('go', args, { timeoutMs: 30 * 60_000, env, ...options });
  return stdout;
}

/** A released module, by path and version. */
export interface GoModule {
  module: string;
  version: string;
}

/**
 * A writable copy of a module's source, in a new folder that the caller deletes. The caller sees to it that one program is
 * built at a time, so a copy that exists already is what an interrupted build left.
 */
export async function copyModule({ module, version }: GoModule): Promise<string> {
  const folder = join(goCache, 'source');
  await removeCopy(folder);
  await mkdir(folder, { recursive: true });
  const copy = await mkdtemp(join(folder, 'build-'));
  await cp(await downloadModule({ module, version }), copy, { recursive: true });
  return copy;
}

/** Downloads a module's source; answers with its folder in the module cache, which must not be changed. */
export async function downloadModule({ module, version }: GoModule): Promise<string> {
  const answer = await go(['mod', 'download', '-json', `${module}@${version}`]);
  const { Dir } = JSON.parse(answer) as { Dir: string };
  if (!existsSync(Dir)) throw new Error(`${module}@${version} was downloaded, but ${Dir} does not exist.`);
  return Dir;
}

/**
 * Downloads what a package's build needs, and no module more. `-e` passes over files to be embedded that the build makes
 * only later (Gitea's `bindata.dat`); a module that could not be downloaded fails the build, with its name.
 */
export async function downloadDependencies(folder: string, packages: string[], tags = ''): Promise<void> {
  await go(['list', '-e', '-deps', '-tags', tags, '-f', '{{.Dir}}', ...packages], { cwd: folder });
}

export const removeCopy = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
