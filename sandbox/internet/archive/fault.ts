import { z } from 'zod';
import type { ArchiveName } from './routes.ts';

/**
 * What goes wrong at Debian's archive, by order of a test: a file takes minutes, all is answered with 503, or nothing
 * listens at its address.
 */
export const archiveFault = z.enum(['slow', 'unavailable', 'refused']);
export type ArchiveFault = z.infer<typeof archiveFault>;
export type ArchiveFaults = Partial<Record<ArchiveName, ArchiveFault>>;
