import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { builtReference } from '../../core/release/image-references.ts';
import { parseSandboxImages } from '../../core/sandbox-link.ts';
import type { Catalogue, PulledImage } from '../../core/service.ts';
import { contextHash, imagesOf } from '../../services/context-hash.ts';
import { projectRoot } from '../../system/project-root.ts';
import { imageDigest } from '../../system/registry.ts';
import { pulledImagesFile, sandboxDir } from '../host/paths.ts';
import { docker } from '../machine/docker.ts';
import { hasImage } from './images.ts';

/** What a sandbox has for an image of upstream: the image itself, by its digest, or what is built in its place. */
export interface PulledChoice {
  /** The name under which servers find it. */
  reference: string;
  /** The digest that its registry names; without one it is built here. */
  digest?: string;
}

export const loadChoices = (): Record<string, PulledChoice> =>
  existsSync(pulledImagesFile)
    ? (JSON.parse(readFileSync(pulledImagesFile, 'utf8')) as Record<string, PulledChoice>)
    : {};

/** What this sandbox has for upstream's images, by name and tag. */
export const sandboxImages = (): Record<string, string> =>
  existsSync(pulledImagesFile) ? parseSandboxImages(readFileSync(pulledImagesFile, 'utf8')) : {};

/** Asks each registry which image a service's tag means, and keeps the answer. Nothing is pulled or built yet. */
export async function choosePulledImages(catalogue: Catalogue): Promise<Record<string, PulledChoice>> {
  const pulled = [...catalogue.values()]
    .flatMap(({ definition }) => Object.values(imagesOf(definition)))
    .filter((image) => 'pull' in image);
  const before = loadChoices();
  const choices = await Promise.all(
    pulled.map(async (image) => [image.pull, await choose(image, before[image.pull])] as const),
  );
  const all = { ...before, ...Object.fromEntries(choices) };
  mkdirSync(sandboxDir, { recursive: true });
  writeFileSync(`${pulledImagesFile}.new`, `${JSON.stringify(all, null, 2)}\n`);
  renameSync(`${pulledImagesFile}.new`, pulledImagesFile);
  return all;
}

async function choose(image: PulledImage, before: PulledChoice | undefined): Promise<PulledChoice> {
  try {
    const digest = await imageDigest(image.pull, 5000);
    const [, name] = /([^/]+):[^:]+$/.exec(image.pull) ?? [];
    return { reference: builtReference(`upstream-${name}`, digest.slice('sha256:'.length, 19)), digest };
  } catch {
    // Not reached, which is what the replacement is for. What was pulled before is as good as it was.
    if (before?.digest && (await hasImage(before.reference))) return before;
    return {
      reference: builtReference(
        basename(image.replacement),
        contextHash(join(projectRoot, image.replacement)),
      ),
    };
  }
}

/**
 * Pulls upstream's image under a name of ours that holds its digest, for names with digests don't survive the way to a
 * server in an archive.
 */
export async function pullImage(pull: string, { reference, digest }: PulledChoice): Promise<void> {
  const exact = `${pull.replace(/:[^:/]+$/, '')}@${digest}`;
  await docker(['pull', '--quiet', `${pull}@${digest}`], { timeoutMs: 20 * 60_000 });
  await docker(['tag', exact, reference]);
}
