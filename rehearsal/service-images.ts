import { join } from 'node:path';
import { builtName } from '../core/image-references.ts';
import { type Catalogue, projectRoot } from '../services/catalogue.ts';
import { type ImageReferences, imageReferences, imagesOf } from '../services/context-hash.ts';
import { tryDocker } from './docker.ts';
import { ensureBuilt, hasImage } from './images.ts';

export type { ImageReferences };

/** Builds what the services need and isn't there yet. */
export async function ensureServiceImages(
  catalogue: Catalogue,
  onBuild: (name: string) => void = () => undefined,
): Promise<ImageReferences> {
  const references = imageReferences(catalogue);
  let built = false;
  for (const [id, { definition }] of catalogue) {
    for (const [name, image] of Object.entries(imagesOf(definition))) {
      const reference = references[id]![name]!;
      if ('pull' in image || (await hasImage(reference))) continue;
      onBuild(builtName(id, name, image.build));
      await ensureBuilt(reference, join(projectRoot, image.build));
      built = true;
    }
  }
  // Stages that only built are many times as big as what they made; nothing names them any more.
  if (built) await tryDocker(['image', 'prune', '--force']);
  return references;
}
