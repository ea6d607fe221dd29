import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { baseImage, upstreamOf } from '../../core/release/image-recipe.ts';
import type { Catalogue } from '../../core/service.ts';
import { imagesOf } from '../../services/context-hash.ts';
import { projectRoot } from '../../system/project-root.ts';
import { upstreamReference } from './upstream.ts';

/**
 * Every image, by name and tag, that the sandbox has something for, so that its registries can serve it by digest:
 * Debian's (`publishDebian`), those that bring upstream's files to a Dockerfile (`makeUpstream`), and those that it builds
 * in the place of upstream's own. Servers and tests can pull no others.
 */
export function publishableImages(catalogue: Catalogue): Set<string> {
  const brought = globSync(join(projectRoot, 'images/*/Dockerfile')).flatMap((file) => {
    const folder = dirname(file);
    const upstream = upstreamOf(readFileSync(file, 'utf8'));
    return upstream && upstreamReference(folder, basename(folder)) ? [upstream] : [];
  });
  const pulled = [...catalogue.values()]
    .flatMap(({ definition }) => Object.values(imagesOf(definition)))
    .flatMap((image) => ('pull' in image ? [image.pull] : []));
  return new Set([baseImage, ...brought, ...pulled]);
}
