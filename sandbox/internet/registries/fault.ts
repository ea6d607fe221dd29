import { z } from 'zod';
import type { Registry } from './names.ts';

/**
 * What goes wrong at a registry, by order of a test:
 * - `slow`: a blob takes minutes. `silent`: it is asked for, and no answer comes. `cut`: it ends after 1 MB.
 * - `rate-limited`: manifests are refused with 429. `unavailable`: all is answered with 503.
 * - `refused`: nothing listens at its address.
 * - `other-manifest`: another manifest than the one that its digest names.
 */
export const registryFault = z.enum([
  'slow',
  'silent',
  'cut',
  'rate-limited',
  'unavailable',
  'refused',
  'other-manifest',
]);
export type RegistryFault = z.infer<typeof registryFault>;
export type RegistryFaults = Partial<Record<Registry, RegistryFault>>;
