import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { go } from '../system/go.ts';
import { leaveOut } from './leave-out.ts';

/** The Go module that the engine's program is in. */
const engineModule = 'github.com/pulumi/pulumi/pkg/v3';
const folder = fileURLToPath(new URL('./go-module', import.meta.url));
const list = 'left-out.yaml';
const leftOutSchema = z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())]));

/** All that decides what is built: the versions of all modules, their checksums, and what is left out. */
export const engineSourceFiles = ['go.mod', 'go.sum', list].map((file) => join(folder, file));

/**
 * Writes the source that the engine is built from into `work`: our go.mod, and a copy of the engine's own module without
 * what `left-out.yaml` lists. Go's `-overlay` would need no copy, but refuses files in the module cache.
 */
export async function writeEngineSource(work: string): Promise<void> {
  cpSync(folder, work, { recursive: true });
  // Downloaded as a requirement of our go.mod, so that it is what go.sum says. Go checks no copy.
  const { Dir, Version } = JSON.parse(
    await go(['mod', 'download', '-json', engineModule], { cwd: work }),
  ) as {
    Dir: string;
    Version: string;
  };
  const copy = join(work, 'pulumi');
  cpSync(Dir, copy, { recursive: true, filter: (path) => !/\/testdata$|_test\.go$/.test(path) });
  try {
    leaveOut(copy, leftOutSchema.parse(parse(readFileSync(join(folder, list), 'utf8'))));
  } catch (error) {
    throw new Error(
      `engine/go-module/${list} does not fit ${engineModule}@${Version}:\n${(error as Error).message}\nChange these lines of ${list}, then run the same command again.`,
    );
  }
  await go(['mod', 'edit', '-replace', `${engineModule}=./pulumi`], { cwd: work });
}
