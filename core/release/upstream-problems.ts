import { parse } from 'yaml';
import type { UserHook } from '../service.ts';
import type { Bundle } from './release.ts';
import { shellCommands } from './shell-commands.ts';
import type { UpstreamImage } from './upstream-image.ts';

/**
 * What a release uses of upstream's images although they do not have it, as sentences: tools, paths and users, in its
 * compose file, its start scripts and its hooks. `upstream` has the images that are pulled as they are, by their compose
 * variable.
 */
export function upstreamProblems(
  { release, files }: Bundle,
  upstream: ReadonlyMap<string, UpstreamImage>,
): string[] {
  const { services } = parse(files['compose.yaml']!) as { services: Record<string, ComposeService> };
  const hooks = Object.entries(release.userHooks ?? {}).flatMap(([name, hook]) =>
    [hook].flat().map((each: UserHook) => ({ name, ...each })),
  );
  return Object.entries(services).flatMap(([name, written]) => {
    const variable = /^\$\{(\w+)\}$/.exec(written.image ?? '')?.[1] ?? '';
    const image = upstream.get(variable);
    if (!image) return [];
    const container = new Container(name, written, image, files);
    const own = hooks.filter((hook) => hook.container === name);
    return [...container.problems(), ...own.flatMap((hook) => container.hookProblems(hook))];
  });
}

interface ComposeService {
  image?: string;
  user?: string | number;
  entrypoint?: string | string[];
  command?: string | string[];
  volumes?: (string | { source?: string; target?: string })[];
  healthcheck?: { test?: string | string[] };
}

const shells = /^(?:\/(?:usr\/)?bin\/)?(?:ba|da)?sh$/;

class Container {
  readonly #name: string;
  readonly #written: ComposeService;
  readonly #image: UpstreamImage;
  readonly #files: Record<string, string>;
  /** What is mounted: where in the container, and from where. */
  readonly #mounts: { source: string; target: string }[];

  constructor(name: string, written: ComposeService, image: UpstreamImage, files: Record<string, string>) {
    this.#name = name;
    this.#written = written;
    this.#image = image;
    this.#files = files;
    this.#mounts = (written.volumes ?? []).map((volume) => {
      if (typeof volume !== 'string') return { source: volume.source ?? '', target: volume.target ?? '' };
      const [, source = '', target = ''] = /^(\$\{[^}]*\}[^:]*|[^:]*):([^:]+)/.exec(volume) ?? [];
      return { source, target };
    });
  }

  problems(): string[] {
    const { entrypoint, command, healthcheck, user } = this.#written;
    const { image } = this.#image;
    const said = (what: string) => `Container "${this.#name}"${what}`;
    const wanted = user === undefined ? undefined : String(user);
    const isOther = wanted !== undefined && this.#image.user !== 'any' && wanted !== this.#image.user;
    const misplaced = this.#mounts.filter(
      ({ source, target }) => source.startsWith('${DATA_') && !this.#image.paths.includes(target),
    );
    // Without an entrypoint of its own, the arguments are for upstream's, if it has one.
    const isProgram = entrypoint !== undefined || this.#image.entrypoint.length === 0;
    const words = [...wordsOf(entrypoint), ...wordsOf(command)];
    return [
      ...(isOther ? [said(` runs as ${wanted}, and ${image} only runs as ${this.#image.user}.`)] : []),
      ...misplaced.map(({ target }) => said(` has data at ${target}, where ${image} keeps none.`)),
      ...(isProgram || words[0]?.startsWith('/') ? this.#lacking(words, said(' starts')) : []),
      ...this.#lacking(checkWords(healthcheck?.test), said(': its health check uses')),
    ];
  }

  hookProblems({ name, command }: UserHook & { name: string }): string[] {
    return this.#lacking(command, `Hook "${name}" in container "${this.#name}" uses`);
  }

  /** What the image lacks of what a command runs: the program itself, and all that its script runs. */
  #lacking(words: string[], who: string): string[] {
    const used = this.#used(words);
    return [...new Set(used)]
      .filter((each) => !this.#has(each))
      .map((each) => `${who} "${each}", which ${this.#image.image} does not have.`);
  }

  #used([program, ...args]: string[]): string[] {
    if (program === undefined) return [];
    const script = shells.test(program) ? args.find((each) => !each.startsWith('-')) : program;
    if (script === undefined) return [program];
    const text = shells.test(program) && args[0]?.includes('c') ? script : this.#fileAt(script);
    return text === undefined ? [program] : [program, ...this.#usedBy(text)];
  }

  /** What a script runs, and the scripts that it reads in; its own functions are left out. */
  #usedBy(script: string): string[] {
    const interpreter = /^#!\s*(\S+)/.exec(script)?.[1];
    const texts = [script];
    for (const text of texts)
      for (const path of shellCommands(text).sourced) {
        const sourced = this.#fileAt(path);
        if (sourced !== undefined && !texts.includes(sourced)) texts.push(sourced);
      }
    const parts = texts.map(shellCommands);
    const functions = new Set(parts.flatMap((each) => each.functions));
    const commands = parts.flatMap((each) => each.commands).filter((each) => !functions.has(each));
    return interpreter === undefined ? commands : [interpreter, ...commands];
  }

  /** The text of a file of the release that is mounted at a path. */
  #fileAt(path: string): string | undefined {
    for (const { source, target } of this.#mounts) {
      if (!source.startsWith('./') || !(path === target || path.startsWith(`${target}/`))) continue;
      const found = this.#files[`${source.slice(2)}${path.slice(target.length)}`];
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #has(program: string): boolean {
    if (!program.includes('/')) return this.#image.tools.includes(program);
    const isMounted = this.#mounts.some(
      ({ target }) => program === target || program.startsWith(`${target}/`),
    );
    return isMounted || this.#image.paths.includes(program);
  }
}

const wordsOf = (written: string | string[] | undefined): string[] =>
  typeof written === 'string' ? written.split(/\s+/).filter(Boolean) : (written ?? []);

/** A health check as a command: Docker runs a text by a shell. */
function checkWords(test: string | string[] | undefined): string[] {
  if (typeof test === 'string') return ['/bin/sh', '-c', test];
  const [kind, ...words] = test ?? [];
  if (kind === 'CMD-SHELL') return ['/bin/sh', '-c', ...words];
  return kind === 'NONE' || kind === undefined ? [] : words;
}
