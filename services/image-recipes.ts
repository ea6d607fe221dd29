import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { baseImage, type ImageRecipe, upstreamOf } from '../core/release/image-recipe.ts';
import { projectRoot } from '../system/project-root.ts';
import type { ImageNeed } from './image-need.ts';
import { bundleProgram, isProgram } from './image-program.ts';

/** Only for the sandbox, which makes upstream's files itself. */
const sandboxOnly = ['go-build.json', 'before-go-build', 'upstream.Dockerfile'];

/** The images that an image is built on, by name and tag. */
export function imagesBelow(build: string): string[] {
  const upstream = upstreamOf(readFileSync(join(projectRoot, build, 'Dockerfile'), 'utf8'));
  return [baseImage, ...(upstream ? [upstream] : [])];
}

/** What a server needs to build an image itself. `digests` has those of the images below it, by name and tag. */
export async function imageRecipe(
  { reference, build }: ImageNeed & { build: string },
  digests: Record<string, string>,
): Promise<ImageRecipe> {
  const folder = join(projectRoot, build);
  const [base, upstream] = imagesBelow(build).map((name) => `${name}@${digests[name]}`);
  return {
    reference,
    files: await filesOf(folder),
    base: base!,
    ...(upstream ? { upstream } : {}),
  };
}

async function filesOf(folder: string): Promise<ImageRecipe['files']> {
  const isOurs = isProgram(folder);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !sandboxOnly.includes(name) && !(isOurs && /^(src\/|package\.json$)/.test(name)));
  const files = names.map((name) => {
    const path = join(folder, name);
    const executable = (statSync(path).mode & 0o111) !== 0;
    return [name, { content: readFileSync(path).toString('base64'), executable }] as const;
  });
  const program = isOurs ? Buffer.from(await bundleProgram(folder)).toString('base64') : undefined;
  return {
    ...Object.fromEntries(files),
    ...(program === undefined ? {} : { 'program.mjs': { content: program, executable: false } }),
  };
}
