import type { Release } from '../../core/release/release.ts';
import { currentHash, hasBundle, loadBundle } from '../store/bundle-store.ts';
import { damageOf } from '../store/damage.ts';
import type { Layout } from '../store/layout.ts';
import { knownServices } from './services-in-maintenance.ts';

/** The releases that serve. What is damaged is left out. */
export const currentReleases = (layout: Layout): Release[] =>
  knownServices(layout).flatMap((service) => {
    const hash = damageOf(layout, service) === undefined ? currentHash(layout, service) : null;
    return hash && hasBundle(layout, service, hash) ? [loadBundle(layout, service, hash).release] : [];
  });
