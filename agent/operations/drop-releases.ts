import { rmSync } from 'node:fs';
import { unusedImages } from '../../core/release/unused-images.ts';
import { tryRun } from '../../system/run.ts';
import { knownServices } from '../effects/services-in-maintenance.ts';
import { hasBundle, loadBundle, releasesOf } from '../store/bundle-store.ts';
import { crashPoint } from '../store/crash-point.ts';
import type { Layout } from '../store/layout.ts';

/** A release on the volume. */
interface Stored {
  service: string;
  hash: string;
}

/**
 * Removes releases that nobody can go back to, and the images that only they name. The images go first: after an
 * interruption the releases are still there, and the next time drops the rest.
 */
export async function dropReleases(layout: Layout, service: string, hashes: string[]): Promise<void> {
  if (hashes.length === 0) return;
  const isDropped = (each: Stored) => each.service === service && hashes.includes(each.hash);
  const stored = storedReleases(layout);
  const bundles = (which: Stored[]) => which.map((each) => loadBundle(layout, each.service, each.hash));
  const kept = bundles(stored.filter((each) => !isDropped(each)));
  for (const reference of unusedImages(bundles(stored.filter(isDropped)), kept)) await removeImage(reference);
  crashPoint('releases:images-removed');
  for (const hash of hashes) rmSync(layout.release(service, hash), { recursive: true, force: true });
}

const storedReleases = (layout: Layout): Stored[] =>
  knownServices(layout).flatMap((service) =>
    releasesOf(layout, service)
      .filter((hash) => hasBundle(layout, service, hash))
      .map((hash) => ({ service, hash })),
  );

/** An image that a container still uses stays, and so does one that is gone already. Neither stops an operation. */
async function removeImage(reference: string): Promise<void> {
  const removed = await tryRun('docker', ['image', 'rm', reference]);
  if (removed.code !== 0 && !/No such image/.test(removed.stderr))
    process.stderr.write(`The image ${reference} was not removed: ${removed.stderr.trim()}\n`);
}
