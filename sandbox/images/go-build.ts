import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { cacheDir } from '../../system/cache-dir.ts';
import {
  copyModule,
  downloadDependencies,
  downloadModule,
  go,
  goEnvironment,
  removeCopy,
} from '../../system/go.ts';
import { projectRoot } from '../../system/project-root.ts';
import { run } from '../../system/run.ts';
import { withLock } from '../../system/with-lock.ts';

/** `images/<name>/go-build.json`: which programs of which Go module upstream's image would bring, and where they go. */
const goBuildSchema = z.strictObject({
  module: z.string(),
  version: z.string(),
  programs: z.array(
    z.strictObject({
      package: z.string().describe('As `go build` takes it, in the source of the module.'),
      to: z.string().startsWith('/').describe('Its path in upstream’s image.'),
      tags: z.string().optional(),
      ldflags: z.string(),
    }),
  ),
});
export type GoBuild = z.infer<typeof goBuildSchema>;

/** How the Go programs of an image are built; undefined where it has none. */
export function loadGoBuild(folder: string): GoBuild | undefined {
  const file = join(folder, 'go-build.json');
  return existsSync(file) ? goBuildSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

/** What else has to be done in the source before (`before-go-build`); undefined where that is nothing. */
function preparation(folder: string): string | undefined {
  const file = join(folder, 'before-go-build');
  return existsSync(file) ? file : undefined;
}

/** Downloads the modules that the build takes in, so that the build itself finds them on this machine. */
export async function downloadGoBuild(build: GoBuild): Promise<void> {
  const source = await downloadModule(build);
  for (const { package: name, tags } of build.programs) await downloadDependencies(source, [name], tags);
}

/**
 * Builds the programs into `out`, a folder that stands for the root of upstream's image. They are built in the module's
 * own source: some take files from it, and its own replacements of modules count only there. `folder` is the image's, with
 * what it does in the source before; left out for a program that has no image. Waits for a build of another process.
 */
export function makeGoBuild(build: GoBuild, out: string, folder?: string): Promise<void> {
  return withLock(join(cacheDir, 'go-build.lock'), () => buildAlone(build, out, folder), {
    waitMs: 60 * 60_000,
  });
}

async function buildAlone(build: GoBuild, out: string, folder: string | undefined): Promise<void> {
  const source = await copyModule(build);
  try {
    const prepare = folder === undefined ? undefined : preparation(folder);
    const environment = await goEnvironment();
    if (prepare)
      await run(prepare, [], {
        cwd: source,
        timeoutMs: 20 * 60_000,
        env: {
          ...environment,
          OUT: out,
          PATH: `${join(projectRoot, 'node_modules', '.bin')}:${environment.PATH}`,
          npm_config_store_dir: join(cacheDir, 'pnpm'),
        },
      });
    for (const { package: name, to, tags = '', ldflags } of build.programs) {
      await mkdir(dirname(join(out, to)), { recursive: true });
      await go(['build', '-tags', tags, '-ldflags', ldflags, '-o', join(out, to), name], { cwd: source });
    }
  } finally {
    await removeCopy(source);
  }
}
