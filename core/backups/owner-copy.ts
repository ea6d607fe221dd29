import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { BackupPlace } from './backup-place.ts';

/**
 * The owner's directory (haven.yaml, haven.lock, secrets.age, held releases, services of their own) as one text, which is
 * encrypted and kept beside the backups: with it and the key alone, `haven recover` makes the cloud again.
 */
export interface OwnerCopy {
  /** The id of the cloud. */
  haven: string;
  /** When the copy was made (ISO 8601, UTC). */
  at: string;
  /** Content by path, relative to the directory, with `/` between its parts. */
  files: Map<string, Uint8Array>;
}

/** All files together. What a cloud is made of takes some kilobytes; more is something that was put there by accident. */
export const ownerCopyLimitMb = 20;

const suffix = '.owner.age';

/** Where the copy of a cloud is: beside the folder of its backups, so that listing the place shows it. */
export const ownerCopyPath = ({ folder }: Pick<BackupPlace, 'folder'>): string => `${folder}${suffix}`;

/** The folders of clouds whose copies are among these names of files. */
export const foldersWithCopy = (names: string[]): string[] =>
  names
    .filter((name) => name.endsWith(suffix) && name.length > suffix.length)
    .map((name) => name.slice(0, -suffix.length))
    .sort();

/** The largest file, if all together (sizes in bytes, by path) are more than a copy may have. */
export function tooLargeForCopy(
  sizes: Map<string, number>,
): { path: string; mb: number; allMb: number } | undefined {
  const files = [...sizes].map(([path, bytes]) => ({ path, mb: bytes / 1e6 }));
  const allMb = files.reduce((sum, { mb }) => sum + mb, 0);
  if (allMb <= ownerCopyLimitMb) return undefined;
  return { ...files.reduce((largest, each) => (each.mb > largest.mb ? each : largest)), allMb };
}

/** The same for the same files, whatever their order: without a change nothing has to be sent. */
export function ownerCopyHash(files: OwnerCopy['files']): string {
  const hash = createHash('sha256');
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${path}\0${bytes.byteLength}\0`).update(bytes);
  return hash.digest('hex');
}

export function renderOwnerCopy({ haven, at, files }: OwnerCopy): string {
  const encoded = [...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')]);
  return JSON.stringify({ format: 1, haven, at, files: Object.fromEntries(encoded) });
}

/**
 * A path that stays in the directory: the file comes from a storage that others run. What haven keeps for itself there
 * (`.haven`) never comes from outside.
 */
const pathInDirectory = z
  .string()
  .refine(
    (path) =>
      path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') &&
      !/[\\\0]/.test(path) &&
      path.split('/')[0]!.toLowerCase() !== '.haven',
  );

const copySchema = z.object({
  format: z.literal(1),
  haven: z.string().min(1),
  at: z.iso.datetime(),
  files: z.record(pathInDirectory, z.base64()).refine((files) => 'haven.yaml' in files),
});

/** The copy in a text that was decrypted, or why it is none. */
export function parseOwnerCopy(text: string): { copy: OwnerCopy } | { fault: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { fault: 'is damaged: it was cut short or changed.' };
  }
  const parsed = copySchema.safeParse(json);
  if (parsed.success) {
    const { haven, at, files } = parsed.data;
    const decoded = Object.entries(files).map(
      ([path, content]) => [path, Buffer.from(content, 'base64')] as const,
    );
    return { copy: { haven, at, files: new Map(decoded) } };
  }
  const isNewer = z.object({ format: z.number().gt(1) }).safeParse(json).success;
  return {
    fault: isNewer
      ? 'was written by a newer version of OpenHaven than this one.'
      : 'does not contain the files of a cloud.',
  };
}
