import { chmodSync, chownSync, globSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { extract } from 'tar';
import { projectRoot } from '../../system/project-root.ts';
import { type RunResult, run, tryRun } from '../../system/run.ts';
import { scratch } from './scratch.ts';

/** Longer than any command takes here, `up` included. */
const limitMs = 600_000;

/** nobody and nogroup of Debian, who own nothing. */
const nobody = 65534;

/**
 * An ordinary user with the packed package in a folder of their own, as npm would have put it there, and with nothing but
 * Node and a shell on PATH. Run by root it is the user nobody, otherwise the one who runs the test.
 */
export class OrdinaryUser {
  readonly directory: string;
  readonly home: string;
  readonly #bin: string;

  private constructor(root: string) {
    this.directory = join(root, 'cloud');
    this.home = join(root, 'home');
    this.#bin = join(root, 'bin');
  }

  /** Installs the tarball of `npm pack` for a new user. */
  static async install(tarball: string): Promise<OrdinaryUser> {
    const user = new OrdinaryUser(scratch('user'));
    for (const folder of [user.directory, user.home, user.#bin]) mkdirSync(folder);
    chmodSync(dirname(user.home), 0o755);
    symlinkSync('/bin/sh', join(user.#bin, 'sh'));
    symlinkSync(process.execPath, join(user.#bin, 'node'));
    mkdirSync(user.package, { recursive: true });
    await extract({ file: tarball, cwd: user.package, strip: 1 });
    await linkDependencies(join(user.directory, 'node_modules'));
    for (const folder of [user.directory, user.home]) user.#own(folder);
    return user;
  }

  get package(): string {
    return join(this.directory, 'node_modules', 'openhaven');
  }

  /** Gives a file or a folder, not what is in it, to the user. */
  #own(path: string): void {
    if (process.getuid?.() === 0) chownSync(path, nobody, nobody);
  }

  /** What the user types after `haven`. */
  haven(args: string[], environment: Record<string, string> = {}): Promise<RunResult> {
    const ids = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
    return tryRun(join(this.#bin, 'node'), [join(this.package, 'cli/bin.mjs'), ...args], {
      cwd: this.directory,
      env: { PATH: this.#bin, HOME: this.home, NO_COLOR: '1', ...environment },
      timeoutMs: limitMs,
      ...ids,
    });
  }

  /** Everything in the user's folders that is not a package. */
  files(): string[] {
    const root = dirname(this.home);
    return globSync('{cloud,home}/**/*', { cwd: root, exclude: (path) => path.endsWith('node_modules') });
  }
}

/**
 * The packages that package.json names as dependencies, and theirs: none that are only for building and testing. npm itself
 * takes minutes for them, and a registry; these are hard links to what is installed here.
 */
async function linkDependencies(to: string): Promise<void> {
  const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  const names = Object.entries(lock.packages).flatMap(([path, { dev }]) => {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1];
    return name && !dev ? [name] : [];
  });
  const from = join(projectRoot, 'node_modules');
  const there = new Set(globSync(['*', '@*/*'], { cwd: from }));
  for (const scope of new Set(names.map(dirname))) mkdirSync(join(to, scope), { recursive: true });
  for (const scope of new Set(names.map(dirname))) {
    const sources = names
      .filter((name) => dirname(name) === scope && there.has(name))
      .map((name) => join(from, name));
    if (sources.length > 0) await run('cp', ['-al', ...sources, join(to, scope)]);
  }
}
