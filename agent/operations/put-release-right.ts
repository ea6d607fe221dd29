import { connectToDependencies, ensureDependencyNetworks } from '../effects/dependency-networks.ts';
import { loadBundle } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { bringImages, nameImages } from './images.ts';

/**
 * Puts right what a running release has at Docker beside its containers, where something else has changed it: images and
 * networks. It takes no operation, and no container is stopped.
 */
export async function putReleaseRight(layout: Layout, service: string, hash: string): Promise<void> {
  const bundle = loadBundle(layout, service, hash);
  const folder = layout.release(service, hash);
  await bringImages(layout, bundle, folder);
  await nameImages(bundle, folder);
  await ensureDependencyNetworks(bundle.release);
  await connectToDependencies(bundle.release);
}
