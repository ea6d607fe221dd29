import { join } from 'node:path';
import { type Catalogue, projectRoot } from '../services/catalogue.ts';
import type { ServiceImage } from '../services/service.ts';
import { ensureBuilt } from './images.ts';

/** Every image of the services, by what the service calls it: `{ website: { web: 'openhaven/caddy:hash' } }`. */
export type ImageReferences = Record<string, Record<string, string>>;

/** Builds what the services need and isn't there yet. */
export async function ensureServiceImages(catalogue: Catalogue, onBuild: (name: string) => void = () => undefined): Promise<ImageReferences> {
  const references: ImageReferences = {};
  for (const [id, { definition }] of catalogue) {
    const wanted: Record<string, ServiceImage> = { ...definition.images, ...(definition.needs?.database ? { postgres: { build: 'images/postgres' } } : {}) };
    references[id] = {};
    for (const [name, image] of Object.entries(wanted)) {
      if ('pull' in image) {
        references[id][name] = `${image.pull}@${image.digest}`;
        continue;
      }
      const short = image.build.startsWith('images/') ? image.build.slice('images/'.length) : `${id}-${name}`;
      onBuild(short);
      references[id][name] = (await ensureBuilt(`openhaven/${short}`, join(projectRoot, image.build))).reference;
    }
  }
  return references;
}
