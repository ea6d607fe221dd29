import { z } from 'zod';
import type { Lock } from './plan.ts';
import { ProblemsError } from './problem.ts';

const lockSchema = z.strictObject({
  version: z.literal(1),
  images: z.record(z.string(), z.record(z.string(), z.string())),
  generations: z.record(z.string(), z.record(z.string(), z.int().min(1))).optional(),
  /** Generations of secrets that their owner gives; 1 where nothing stands. */
  given: z.record(z.string(), z.int().min(1)).optional(),
  keys: z.record(z.string(), z.int().min(1)).optional(),
  /** The account at the certificate authority, by its directory; registered once. */
  acme: z.record(z.string(), z.string()).optional(),
});

export type LockFile = z.infer<typeof lockSchema>;

export function parseLock(text: string, file = 'haven.lock'): LockFile {
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch {
    throw new ProblemsError([
      {
        where: file,
        what: 'is damaged or from a newer haven.',
        remedy:
          'Take it back from your repository (git checkout haven.lock), or delete it: the next plan makes it anew.',
      },
    ]);
  }
}

export const renderLock = (lock: LockFile): string => `${JSON.stringify(lock, null, 2)}\n`;
export const asLock = ({ version, images, generations, given, keys }: LockFile): Lock => ({
  version,
  images,
  ...(generations ? { generations } : {}),
  ...(given ? { given } : {}),
  ...(keys ? { keys } : {}),
});
