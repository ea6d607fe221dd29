import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { builtName, builtReference } from '../../core/release/image-references.ts';
import { parseSandboxImages } from '../../core/sandbox-link.ts';
import type { Catalogue, PulledImage } from '../../core/service.ts';
import { contextHash, type ImageReferences, imageReferences, imagesOf } from '../../services/context-hash.ts';
import { imageDigest } from '../../system/image-digest.ts';
import { projectRoot } from '../../system/project-root.ts';
import { pulledImagesFile, sandboxDir } from '../host/paths.ts';
import { docker, tryDocker } from '../machine/docker.ts';
import { ensureBuilt, hasImage } from './images.ts';

export type { ImageReferences };

/** Builds or pulls what the services need and isn't there yet. */
export async function ensureServiceImages(
  catalogue: Catalogue,
  onBuild: (name: string) => void = () => undefined,
): Promise<ImageReferences> {
  const references = imageReferences(catalogue);
  const pulled: Record<string, string> = {};
  let built = false;
  const ensure = async (name: string, reference: string, folder: string): Promise<void> => {
    if (await hasImage(reference)) return;
    onBuild(name);
    await ensureBuilt(reference, join(projectRoot, folder));
    built = true;
  };
  for (const [id, { definition }] of catalogue) {
    for (const [name, image] of Object.entries(imagesOf(definition))) {
      if ('build' in image) {
        await ensure(builtName(id, name, image.build), references[id]![name]!, image.build);
        continue;
      }
      let reference = await pullOfficial(image, onBuild);
      if (!reference) {
        const stub = basename(image.stub);
        reference = builtReference(stub, contextHash(join(projectRoot, image.stub)));
        await ensure(stub, reference, image.stub);
      }
      references[id]![name] = reference;
      pulled[image.pull] = reference;
    }
  }
  mkdirSync(sandboxDir, { recursive: true });
  const chosen = Object.entries(pulled).map(([pull, reference]) => [pull, { reference }]);
  writeFileSync(`${pulledImagesFile}.new`, `${JSON.stringify(Object.fromEntries(chosen), null, 2)}\n`);
  renameSync(`${pulledImagesFile}.new`, pulledImagesFile);
  // Stages that only built are many times as big as what they made; nothing names them any more.
  if (built) await tryDocker(['image', 'prune', '--force']);
  return references;
}

/** What a sandbox has for images that are upstream's: themselves, or their stubs. By name and tag. */
export const sandboxImages = (): Record<string, string> =>
  existsSync(pulledImagesFile) ? parseSandboxImages(readFileSync(pulledImagesFile, 'utf8')) : {};

/**
 * Upstream's image under a name of ours that holds its digest, for names with digests don't survive the way to a server
 * in an archive. Undefined where its registry can't be reached.
 */
async function pullOfficial(image: PulledImage, onPull: (name: string) => void): Promise<string | undefined> {
  const [, name] = /([^/]+):[^:]+$/.exec(image.pull) ?? [];
  let digest: string;
  try {
    digest = await imageDigest(image.pull, 5000);
  } catch {
    // Not reached, which is what the stub is for. What was pulled before is as good as it was.
    const before = sandboxImages()[image.pull];
    return before?.startsWith('openhaven/upstream-') && (await hasImage(before)) ? before : undefined;
  }
  const reference = builtReference(`upstream-${name}`, digest.slice('sha256:'.length, 19));
  if (await hasImage(reference)) return reference;
  onPull(image.pull);
  await docker(['pull', '--quiet', `${image.pull}@${digest}`], { timeoutMs: 20 * 60_000 });
  await docker(['tag', `${image.pull.replace(/:[^:/]+$/, '')}@${digest}`, reference]);
  return reference;
}
