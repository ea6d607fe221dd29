import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ProviderSpec } from '../../components/provider/serve.ts';
import { ProblemsError } from '../../core/problem.ts';
import { parseSandboxImages, parseSandboxLink, type SandboxLink } from '../../core/sandbox-link.ts';
import { runsProgram } from '../../system/process-command.ts';
import { projectRoot } from '../../system/project-root.ts';

/** The sandbox that the cloud in this directory belongs to; undefined for a real cloud. */
export function readSandboxLink(directory: string): SandboxLink | undefined {
  const file = join(directory, '.haven', 'sandbox');
  if (!existsSync(file)) return undefined;
  const link = parseSandboxLink(readFileSync(file, 'utf8'));
  if (!link)
    throw new ProblemsError([
      {
        where: file,
        what: 'was written by another version of OpenHaven. Nothing was changed.',
        remedy: 'Run: haven sandbox start',
      },
    ]);
  assertOwn(file, link);
  return link;
}

/**
 * The file names code that `haven` loads, so it must come from `haven sandbox start` and not, for example, from a cloned
 * repository. Two things are checked. The file has the mode 0600, which git never sets, and belongs to the user who runs
 * the command. And the code is part of this installation, so a forged file can only name what `haven` already contains.
 */
function assertOwn(file: string, link: SandboxLink): void {
  const { mode, uid } = statSync(file);
  const isPrivate = (mode & 0o077) === 0 && uid === process.getuid?.();
  const isOurs = [link.plugins.module, link.plugins.folder].every(
    (path) => !relative(projectRoot, path).startsWith('..'),
  );
  if (isPrivate && isOurs) return;
  throw new ProblemsError([
    {
      where: file,
      what: isPrivate
        ? `was written by another installation of OpenHaven (${link.plugins.module}). Nothing was changed.`
        : 'can be changed or read by other users of this machine, so it is not trusted. Nothing was changed.',
      remedy: 'To write it again, run: haven sandbox start',
    },
  ]);
}

/** Points this process at the sandbox that the directory belongs to, if any. */
export function enterSandbox(directory: string): SandboxLink | undefined {
  const link = readSandboxLink(directory);
  if (!link) return undefined;
  if (!isRunning(link)) {
    throw new ProblemsError([
      {
        where: directory,
        what: 'this cloud is in the sandbox, and the sandbox is not running.',
        remedy: 'Run: haven sandbox start',
      },
    ]);
  }
  Object.assign(process.env, link.environment);
  return link;
}

/** Does the process behind the sandbox's APIs run? */
export const isRunning = ({ process: { pidFile, command } }: SandboxLink): boolean =>
  existsSync(pidFile) && runsProgram(Number(readFileSync(pidFile, 'utf8')), command);

/** What the sandbox has for images that are upstream's: themselves, or their stubs. By name and tag. */
export const sandboxImages = ({ imagesFile }: SandboxLink): Record<string, string> =>
  existsSync(imagesFile) ? parseSandboxImages(readFileSync(imagesFile, 'utf8')) : {};

/** Emulators of the engine's official plugins. Loaded only now: they read the environment when they are. */
export async function sandboxProviders({ plugins }: SandboxLink): Promise<Record<string, ProviderSpec>> {
  const loaded = (await import(pathToFileURL(plugins.module).href)) as {
    providers: Record<string, ProviderSpec>;
  };
  return loaded.providers;
}
