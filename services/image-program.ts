import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder of `images/` with this file is a program of ours; its image takes it in as `program.mjs`. */
const entry = 'src/main.ts';

export const isProgram = (folder: string): boolean => existsSync(join(folder, entry));

/** The program as one file for Debian 13's Node (20), packages included. A published package brings it ready made. */
export async function bundleProgram(folder: string): Promise<string> {
  const published = `${folder}.mjs`;
  if (existsSync(published)) return readFileSync(published, 'utf8');
  const { build } = await import('esbuild');
  const result = await build({
    entryPoints: [join(folder, entry)],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    write: false,
    legalComments: 'none',
    banner: {
      js: "import { createRequire as haveRequire } from 'node:module'; const require = haveRequire(import.meta.url);",
    },
  });
  return result.outputFiles[0]!.text;
}
