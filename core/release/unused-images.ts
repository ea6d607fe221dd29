import type { Bundle } from './release.ts';

/** The images that only dropped releases name. Services share images, such as PostgreSQL's. */
export function unusedImages(dropped: Bundle[], kept: Bundle[]): string[] {
  const imagesOf = (bundles: Bundle[]) => bundles.flatMap(({ release }) => Object.values(release.images));
  const used = new Set(imagesOf(kept));
  return [...new Set(imagesOf(dropped))].filter((each) => !used.has(each)).sort();
}
