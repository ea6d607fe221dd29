import { z } from 'zod';
import type { boxName, storageName } from './names.ts';

/**
 * What goes wrong at the object storage, by order of a test:
 * - `refused`: nothing listens at its address.
 * - `unavailable`: all is answered with 503 (SlowDown), as by a storage that is overloaded.
 * - `denied`: all is answered with 403 (AccessDenied), as to a key that was revoked or lacks the right.
 * - `slow`: what is sent and what is answered takes minutes.
 * - `full`: it takes nothing more (507, InsufficientStorage), and can still be read.
 */
export const storageFault = z.enum(['refused', 'unavailable', 'denied', 'slow', 'full']);
export type StorageFault = z.infer<typeof storageFault>;

/** At the Storage Box: nothing listens at its address. */
export const boxFault = z.enum(['refused']);
export type BoxFault = z.infer<typeof boxFault>;

export type StorageFaults = Partial<
  Record<typeof storageName, StorageFault> & Record<typeof boxName, BoxFault>
>;
