import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { withAllOptionalParts } from '../core/optional-parts.ts';
import { authProxy, authProxyImage, canBeProtected } from '../core/release/auth-proxy.ts';
import { builtName, builtReference } from '../core/release/image-references.ts';
import type { Catalogue, ServiceDefinition, ServiceImage } from '../core/service.ts';
import { projectRoot } from '../system/project-root.ts';

/**
 * sha256 over the paths, modes and contents of a folder, 12 hex digits. The same folder has the same hash on every
 * machine.
 */
export function contextHash(folder: string): string {
  const hash = createHash('sha256');
  for (const path of filesUnder(folder)) {
    const mode = statSync(join(folder, path)).mode & 0o111 ? 'x' : '-';
    hash
      .update(`${path}\0${mode}\0`)
      .update(readFileSync(join(folder, path)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 12);
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/**
 * Every image of a service, including the database's if it needs one, the auth proxy's if it can be protected, and those of
 * its optional parts.
 */
export function imagesOf(definition: ServiceDefinition): Record<string, ServiceImage> {
  return {
    ...withAllOptionalParts(definition).images,
    ...(definition.needs?.database ? { postgres: { build: 'images/postgres' } } : {}),
    ...(canBeProtected(definition) ? { [authProxy]: authProxyImage } : {}),
  };
}

/**
 * The image references of all services, by the name a service uses: `{ website: { web: 'openhaven/caddy:hash' } }`.
 */
export type ImageReferences = Record<string, Record<string, string>>;

export function imageReferences(catalogue: Catalogue): ImageReferences {
  const references: ImageReferences = {};
  for (const [id, { definition }] of catalogue) {
    references[id] = Object.fromEntries(
      Object.entries(imagesOf(definition)).map(([name, image]) => [name, referenceOf(id, name, image)]),
    );
  }
  return references;
}

/** For an upstream image only the name: its digest is looked up later. */
function referenceOf(id: string, name: string, image: ServiceImage): string {
  if ('pull' in image) return image.pull;
  return builtReference(builtName(id, name, image.build), contextHash(join(projectRoot, image.build)));
}
