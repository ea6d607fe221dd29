import { z } from 'zod';
import type { DkimPublicKey } from '../mail/dkim-key.ts';
import { ProblemsError } from '../problem.ts';
import { newerFormat } from './newer-format.ts';

/** haven.lock: choices made by asking the internet, so that the same haven.yaml gives the same plan everywhere. */
export interface Pins {
  version: 2;
  /** Images by service and name. */
  images: Record<string, Record<string, string>>;
  /** Digests of the images that ours are built on, by name and tag. */
  bases?: Record<string, string>;
  /** Generations of secrets made on the server, by service and name; 1 if not listed. */
  generations?: Record<string, Record<string, number>>;
  /** Generations of secrets that the owner sets, by their name in secrets.age; 1 if not listed. */
  given?: Record<string, number>;
  /** Generations of certificate keys, by host; 1 if not listed. */
  keys?: Record<string, number>;
  /** Public halves of the keys that sign mail, by domain. */
  dkim?: Record<string, DkimPublicKey>;
  /** The selector of keys that are still to be made; left out where that is not known. */
  newSelector?: string;
  /** What was in the owner's own SPF text, which ours took the place of, by name. */
  spf?: Record<string, string[]>;
  /** Tags of the owner's own DMARC text, which ours took the place of, by name. */
  dmarc?: Record<string, string[]>;
}

/** The format of haven.lock that this program writes and reads. */
const pinsVersion = 2;

const dkimKey = z.strictObject({
  selector: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
  publicKey: z.base64().min(1),
});

const pinsSchema = z.strictObject({
  version: z.literal(pinsVersion),
  images: z.record(z.string(), z.record(z.string(), z.string())),
  bases: z.record(z.string(), z.string().regex(/^sha256:[0-9a-f]{64}$/)).optional(),
  generations: z.record(z.string(), z.record(z.string(), z.int().min(1))).optional(),
  /** Generations of secrets that the owner sets; 1 if not listed. */
  given: z.record(z.string(), z.int().min(1)).optional(),
  keys: z.record(z.string(), z.int().min(1)).optional(),
  dkim: z.record(z.string(), dkimKey.extend({ ed25519: dkimKey.optional() })).optional(),
  spf: z.record(z.string(), z.array(z.string().regex(/^[!-~]+$/))).optional(),
  dmarc: z.record(z.string(), z.array(z.string().regex(/^[a-z][a-z0-9_-]*=[!-:<-~]+$/))).optional(),
  /** The account at the certificate authority, by the authority's directory URL; registered once. */
  acme: z.record(z.string(), z.string()).optional(),
});

export type PinsFile = z.infer<typeof pinsSchema>;

export function parsePins(text: string, file = 'haven.lock'): PinsFile {
  try {
    const read = JSON.parse(text) as unknown;
    const format = formatOf(read);
    if (format === 1) throw olderFormat(file);
    if (format !== undefined && format > pinsVersion)
      throw new ProblemsError([newerFormat(file, format, pinsVersion)]);
    return pinsSchema.parse(read);
  } catch (error) {
    if (error instanceof ProblemsError) throw error;
    throw new ProblemsError([
      {
        where: file,
        what: 'is damaged.',
        remedy:
          'Restore it from your repository (git checkout haven.lock). Without a copy, delete it: the next "haven up" makes a new one with the newest images.',
      },
    ]);
  }
}

const formatOf = (read: unknown): number | undefined =>
  typeof read === 'object' && read !== null && 'version' in read && typeof read.version === 'number'
    ? read.version
    : undefined;

/** Format 1 names services and images that no longer exist, and its server runs another agent. */
const olderFormat = (file: string): ProblemsError =>
  new ProblemsError([
    {
      where: file,
      what: "is from an earlier version of OpenHaven (format 1). This version can't manage that cloud. Nothing was changed.",
      remedy: `Remove that cloud with the version that made it: haven destroy --with-data   Then delete ${file} and run: haven up`,
    },
  ]);

export const renderPins = (pins: PinsFile): string => `${JSON.stringify(pins, null, 2)}\n`;
/** `completed` without images that are neither in `before` nor among what registries answered, by name and digest. */
export function onlyAnswered(completed: PinsFile, before: PinsFile, answers: ReadonlySet<string>): PinsFile {
  const images = Object.entries(completed.images).flatMap(([service, named]) => {
    const known = Object.entries(named).filter(
      ([name, image]) => before.images[service]?.[name] !== undefined || answers.has(image),
    );
    return known.length > 0 ? [[service, Object.fromEntries(known)] as const] : [];
  });
  return { ...completed, images: Object.fromEntries(images) };
}

export const asPins = ({ version, images, generations, given, keys, dkim, spf, dmarc }: PinsFile): Pins => ({
  version,
  images,
  ...(generations ? { generations } : {}),
  ...(given ? { given } : {}),
  ...(keys ? { keys } : {}),
  ...(dkim ? { dkim } : {}),
  ...(spf ? { spf } : {}),
  ...(dmarc ? { dmarc } : {}),
});
