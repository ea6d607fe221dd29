import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from './cache-dir.ts';
import { type RunOptions, run, tryRun } from './run.ts';

/**
 * Go, as everything here is built with it: one module cache and one build cache for all programs, so that what they share
 * is downloaded and compiled once. The flags are the same everywhere, because the build cache goes by them.
 */
const goCache = join(cacheDir, 'go');
export const goEnvironment = {
  ...process.env,
  CGO_ENABLED: '0',
  GOMODCACHE: join(goCache, 'mod'),
  GOCACHE: join(goCache, 'build'),
  // The caches can be deleted like any other folder.
  GOFLAGS: '-modcacherw -trimpath -buildvcs=false',
  // A module that asks for a newer Go gets it, as a module.
  GOTOOLCHAIN: 'auto',
  GOWORK: 'off',
};

/** From this version on, Go fetches the version that a module asks for. */
const oldestGo = [1, 21] as const;

export async function go(args: string[], options: RunOptions = {}): Promise<string> {
  await assertGo();
  const { stdout } = await run('go', args, { timeoutMs: 30 * 60_000, env: goEnvironment, ...options });
  return stdout;
}

async function assertGo(): Promise<void> {
  const version = await tryRun('sh', ['-c', 'command -v go >/dev/null && go env GOVERSION']);
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(version.stdout)?.map(Number) ?? [];
  if (major > oldestGo[0] || (major === oldestGo[0] && minor >= oldestGo[1])) return;
  const found = version.stdout.trim()
    ? `This machine has ${version.stdout.trim()}.`
    : 'This machine has no Go.';
  throw new Error(
    `Programs that can't be downloaded here are built with Go ${oldestGo.join('.')} or newer. ${found} Install a newer Go (https://go.dev/doc/install), then run the same command again.`,
  );
}

/** A released module, by path and version. */
export interface GoModule {
  module: string;
  version: string;
}

/** A writable copy of a module's source, in a new folder that the caller deletes. */
export async function copyModule({ module, version }: GoModule): Promise<string> {
  const folder = join(goCache, 'source');
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
