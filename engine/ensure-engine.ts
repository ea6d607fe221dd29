import { accessSync, constants, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { cacheDir } from '../system/cache-dir.ts';
import { DownloadError } from '../system/download.ts';
import { isInUse } from '../system/process-command.ts';
import { RunError, tryRun } from '../system/run.ts';
import { buildEngine } from './build-engine.ts';
import { engineVersion, findEngine, noteVerified, ownRoot, pathRoot, writeLauncher } from './engine-root.ts';
import { fetchProgram, type Report } from './fetch-program.ts';
import { engineRelease } from './release.ts';

export interface EngineOptions {
  report?: Report;
  cache?: string;
  /** Folders in which programs are looked for. */
  path?: string;
  /** Builds the engine where it can't be downloaded; tests put their own here. */
  build?: (to: string, version: string) => Promise<void>;
}

export const silent: Report = { say: () => undefined, progress: () => undefined };

/**
 * The folder of an engine of exactly our version: one that this machine has already, one on PATH, Pulumi's download, or
 * where that can't be reached one that is built from its Go modules. Throws an error that says why there is none. Two
 * processes at once both get one.
 */
export async function ensureEngine({
  report = silent,
  cache = cacheDir,
  path = process.env.PATH ?? '',
  build = buildEngine,
}: EngineOptions = {}): Promise<string> {
  const known = findEngine(cache);
  if (known) return known;
  const onPath = await engineOnPath(path);
  if (onPath) return linkTo(onPath, pathRoot(cache));

  const root = ownRoot(cache);
  const draft = `${root}.${process.pid}.new`;
  removeDrafts(cache);
  const program = join(draft, 'bin', 'pulumi-engine');
  mkdirSync(join(draft, 'bin'), { recursive: true });
  try {
    const why = await tryToFetch(program, cache, report);
    if (why !== undefined) await buildInstead(program, why, { report, path, build });
    writeLauncher(draft, '"$here/pulumi-engine"');
    // Not by its launcher: setsid answers 0 at once if it leads a process group (setsid(1)).
    const version = await versionOf(program);
    if (version !== engineVersion) {
      const made = `the Pulumi engine that was ${why ? 'built' : 'downloaded'}`;
      throw new Error(
        version === undefined
          ? `${made} does not run on this computer`
          : `${made} says that it is ${version}, not ${engineVersion}`,
      );
    }
    moveTo(draft, root, cache);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return root;
}

/** What a process that was killed has left. */
function removeDrafts(cache: string): void {
  mkdirSync(cache, { recursive: true });
  for (const each of readdirSync(cache)) {
    const pid = /^engine-.*\.(\d+)\.new$/.exec(each)?.[1];
    if (pid && !isInUse(Number(pid))) rmSync(join(cache, each), { recursive: true, force: true });
  }
}

/** Another process that was faster has put the same there. */
function moveTo(draft: string, root: string, cache: string): void {
  try {
    renameSync(draft, root);
  } catch (error) {
    if (findEngine(cache) !== root) throw error;
  }
}

/** This machine has no engine, and there is no way to one. The message says which ways were tried. */
export class NoEngine extends Error {}

/** Fetches the engine. Answers with why it could not be downloaded, if it has to be built. */
async function tryToFetch(program: string, cache: string, report: Report): Promise<string | undefined> {
  const release = engineRelease(engineVersion);
  if (!release) return `Pulumi publishes no engine for ${process.platform} on ${process.arch}`;
  try {
    const downloads = join(cache, 'downloads');
    await fetchProgram(release, program, { downloads, report, mustHaveChecksum: true });
    return undefined;
  } catch (error) {
    // A file that is not what was released, or a full disk: to build one would hide what is wrong.
    if (!(error instanceof DownloadError) || ['changed', 'space'].includes(error.why)) throw error;
    return error.message;
  }
}

async function buildInstead(
  program: string,
  why: string,
  { report, path, build }: Required<Pick<EngineOptions, 'report' | 'path' | 'build'>>,
): Promise<void> {
  if (!findProgram('go', path)) throw new NoEngine(`${why}, and there is no Go to build it with`);
  report.say(`${why}. Building the Pulumi engine from its Go modules instead (about 3 minutes, once)`);
  await build(program, engineVersion);
}

/** The engine on PATH, if it is of our version. */
export async function engineOnPath(path: string): Promise<string | undefined> {
  const program = findProgram('pulumi', path);
  return program && (await versionOf(program)) === engineVersion ? program : undefined;
}

/** A program as the shell finds it. */
export function findProgram(name: string, path: string): string | undefined {
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not here, or not for us to run: the next folder may have it.
    }
  }
  return undefined;
}

/** Undefined for a program that does not say it, such as a version manager's placeholder, or that can't be started. */
async function versionOf(program: string): Promise<string | undefined> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: '1' };
  try {
    const { stdout, code } = await tryRun(program, ['version'], { env, timeoutMs: 30_000 });
    return code === 0 ? stdout.trim().replace(/^v/, '') : undefined;
  } catch (error) {
    // Stopped after its time, or refused by the system: made for another processor, or without its interpreter.
    if (error instanceof RunError || (error as NodeJS.ErrnoException).syscall?.startsWith('spawn'))
      return undefined;
    throw error;
  }
}

function linkTo(program: string, root: string): string {
  const file = realpathSync(program);
  writeLauncher(root, `'${file.replaceAll("'", String.raw`'\''`)}'`);
  noteVerified(root, file);
  return root;
}
