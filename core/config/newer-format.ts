import type { Problem } from '../problem.ts';

/** A file of this cloud that a newer haven wrote: the two formats, and how to get that haven. */
export const newerFormat = (where: string, format: number, known: number): Problem => ({
  where,
  what: `was written by a newer version of haven: it has format ${format}, and this version reads format ${known}.`,
  remedy:
    'Update haven: run "git pull" and "npm ci" in its folder, or install the newer package. Then run the command again.',
});
