import { basename } from 'node:path';
import { withOptionalParts } from '../core/optional-parts.ts';
import { authProxy } from '../core/release/auth-proxy.ts';
import { builtName, isBuiltFrom } from '../core/release/image-references.ts';
import type { Catalogue } from '../core/service.ts';
import { type ImageReferences, imageReferences, imagesOf } from './context-hash.ts';

/** An image that servers need, by the name under which they find it, and where a sandbox gets it from. */
export interface ImageNeed {
  reference: string;
  /** Its short name, for people. */
  name: string;
  /** The folder below the project that it is built from. */
  build?: string;
  /** Upstream's image, by name and tag. */
  pull?: string;
  /** Upstream's image, by name and tag, where a sandbox builds another one in its place. */
  inPlaceOf?: string;
}

/** The references of all services. `pulled` says what a sandbox has for upstream's images, by name and tag. */
export function sandboxReferences(catalogue: Catalogue, pulled: Record<string, string>): ImageReferences {
  const all = Object.entries(imageReferences(catalogue)).map(([id, images]) => {
    const named = Object.entries(images).map(([name, each]) => [name, pulled[each] ?? each]);
    return [id, Object.fromEntries(named) as Record<string, string>] as const;
  });
  return Object.fromEntries(all);
}

/** Options of services by their id, as in haven.yaml. */
export type OptionsOf = Record<string, Record<string, unknown>>;

/**
 * The images of some services, each once, in the order in which they are needed. Those of optional parts are needed if
 * `options` switch them on.
 */
export function imageNeeds(
  catalogue: Catalogue,
  chosen: string[],
  pulled: Record<string, string>,
  options: OptionsOf = {},
): ImageNeed[] {
  const references = sandboxReferences(catalogue, pulled);
  const needs = new Map<string, ImageNeed>();
  // Where something is protected, the login runs too.
  const isProtecting = chosen.some((id) => catalogue.get(id)?.definition.provides === 'login');
  for (const id of chosen) {
    const definition = catalogue.get(id)?.definition;
    if (!definition) throw new Error(`The catalogue has no service "${id}".`);
    for (const [name, image] of Object.entries(imagesOf(withOptionalParts(definition, options[id] ?? {})))) {
      if (name === authProxy && !isProtecting) continue;
      const reference = references[id]![name]!;
      if ('build' in image)
        needs.set(reference, { reference, name: builtName(id, name, image.build), build: image.build });
      else if (isBuiltFrom(reference, image.replacement))
        needs.set(reference, {
          ...{ reference, name: basename(image.replacement) },
          ...{ build: image.replacement, inPlaceOf: image.pull },
        });
      else needs.set(reference, { reference, name: image.pull, pull: image.pull });
    }
  }
  return [...needs.values()];
}
