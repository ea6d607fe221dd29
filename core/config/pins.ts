import { z } from 'zod';
import { ProblemsError } from '../problem.ts';

/** haven.lock: what was chosen by looking at the internet, so that the same file gives the same plan everywhere. */
export interface Pins {
  version: 2;
  /** Images by service and name. */
  images: Record<string, Record<string, string>>;
  /** Generations of secrets made on the server, by service and name; 1 where nothing stands. */
  generations?: Record<string, Record<string, number>>;
  /** Generations of secrets that their owner gives, by their name in secrets.age; 1 where nothing stands. */
  given?: Record<string, number>;
  /** Generations of certificates' keys, by host; 1 where nothing stands. */
  keys?: Record<string, number>;
}

const pinsSchema = z.strictObject({
  version: z.literal(2),
  images: z.record(z.string(), z.record(z.string(), z.string())),
  generations: z.record(z.string(), z.record(z.string(), z.int().min(1))).optional(),
  /** Generations of secrets that their owner gives; 1 where nothing stands. */
  given: z.record(z.string(), z.int().min(1)).optional(),
  keys: z.record(z.string(), z.int().min(1)).optional(),
  /** The account at the certificate authority, by its directory; registered once. */
  acme: z.record(z.string(), z.string()).optional(),
});

export type PinsFile = z.infer<typeof pinsSchema>;

export function parsePins(text: string, file = 'haven.lock'): PinsFile {
  try {
    const read = JSON.parse(text) as unknown;
    if (isFormat1(read)) throw olderFormat(file);
    return pinsSchema.parse(read);
  } catch (error) {
    if (error instanceof ProblemsError) throw error;
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

const isFormat1 = (read: unknown): boolean =>
  typeof read === 'object' && read !== null && 'version' in read && read.version === 1;

/** Format 1 names services and images that exist no more; its server runs an agent of another name. */
const olderFormat = (file: string): ProblemsError =>
  new ProblemsError([
    {
      where: file,
      what: 'is from an earlier version of OpenHaven (format 1). This version cannot manage that cloud. Nothing was changed.',
      remedy: `Remove that cloud with the version that made it: haven destroy --with-data   Then delete ${file} and run: haven up`,
    },
  ]);

export const renderPins = (pins: PinsFile): string => `${JSON.stringify(pins, null, 2)}\n`;
export const asPins = ({ version, images, generations, given, keys }: PinsFile): Pins => ({
  version,
  images,
  ...(generations ? { generations } : {}),
  ...(given ? { given } : {}),
  ...(keys ? { keys } : {}),
});
