import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type BackupPlace, describePlace, placeSecrets } from '../../core/backups/backup-place.ts';
import {
  ownerCopyHash,
  ownerCopyLimitMb,
  ownerCopyPath,
  renderOwnerCopy,
  tooLargeForCopy,
} from '../../core/backups/owner-copy.ts';
import { placeProblem } from '../../core/backups/place-failure.ts';
import { planBackups } from '../../core/backups/plan-backups.ts';
import { type Problem, ProblemsError, renderProblem } from '../../core/problem.ts';
import { PlaceFault } from '../../system/place-fault.ts';
import { type FilePlace, putFile } from '../../system/place-files.ts';
import { readBytes, writeWhole } from '../../system/whole-file.ts';
import { readJson } from '../files/read-json.ts';
import { systemProblem } from '../output/system-problem.ts';
import { backupSecretValues } from './backup-secrets.ts';
import type { Project } from './project.ts';

/** What a copy is made of. */
type Copied = Pick<Project, 'directory' | 'config'> & { secrets: Pick<Project['secrets'], 'get' | 'seal'> };

const noteSchema = z.object({ hash: z.string(), place: z.string() });

/**
 * Keeps an encrypted copy of the owner's directory beside the backups, unless the last one has the same content. Without
 * one the cloud works as well, so a failure is a line for the owner and nothing more: answers with that line.
 */
export async function keepOwnerCopy(project: Copied): Promise<string | undefined> {
  const { directory, config, secrets } = project;
  const place = planBackups(config, {})?.place;
  if (!place) return undefined;
  try {
    const files = readOwnerFiles(directory);
    const note = { hash: ownerCopyHash(files), place: `${describePlace(place)} ${place.folder}` };
    const noted = readNote(directory);
    if (noted?.hash === note.hash && noted.place === note.place) return undefined;
    const copy = { haven: config.id, at: new Date().toISOString(), files };
    const at = filePlace(place, backupSecretValues(project));
    await putFile(at, ownerCopyPath(place), await secrets.seal(renderOwnerCopy(copy)));
    writeWhole(noteFile(directory), JSON.stringify(note));
    return undefined;
  } catch (error) {
    const problem = problemOf(place, error);
    return `The copy of this directory was not stored with the backups, so "haven recover" would bring an older one. ${renderProblem(problem)}`;
  }
}

function problemOf(place: BackupPlace, error: unknown): Problem {
  if (error instanceof PlaceFault) return placeProblem(place, error, 'haven up');
  if (error instanceof ProblemsError) return error.problems[0]!;
  const problem = error instanceof Error ? systemProblem(error) : undefined;
  if (problem) return problem;
  throw error;
}

const noteFile = (directory: string): string => join(directory, '.haven', 'owner-copy.json');

const readNote = (directory: string) =>
  readJson(noteFile(directory), noteSchema, 'Delete it: the next "haven up" writes it again.');

/** A place as its files are reached from here, with the secrets that open it. */
export function filePlace(place: BackupPlace, secrets: Record<string, string>): FilePlace {
  const secret = (name: string): string => {
    const value = secrets[name];
    if (value) return value;
    throw new ProblemsError([
      { where: name, what: 'is not in secrets.age.', remedy: `Run: haven secret set ${name}` },
    ]);
  };
  if (place.kind === 's3') {
    const [key, password] = placeSecrets.s3;
    const { endpoint, bucket, region } = place;
    return { kind: 's3', endpoint, bucket, region, key: secret(key), secret: secret(password) };
  }
  const { host, port, user, hostKey } = place;
  return { kind: 'sftp', host, port, user, hostKey, privateKey: secret(placeSecrets.sftp[0]) };
}

/** What haven keeps for this computer alone, and what is made from something else. */
const leftOut = new Set(['.haven', '.git', 'node_modules']);

/** All files of an owner's directory that a copy has, by path. Throws before it reads any if they are too large. */
export function readOwnerFiles(directory: string): Map<string, Uint8Array> {
  const sizes = findOwnerFiles(directory);
  assertSmall(sizes);
  return new Map([...sizes.keys()].map((path) => [path, readBytes(join(directory, path))]));
}

/** The size of each file in bytes, by path. A link counts as what it leads to; one that leads nowhere is left out. */
function findOwnerFiles(directory: string): Map<string, number> {
  const sizes = new Map<string, number>();
  const look = (folder: string, above: string[]): void => {
    const real = realpathSync(join(directory, folder));
    // A link to a folder above it would never end.
    if (above.includes(real)) return;
    for (const name of readdirSync(real).sort()) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const found = leftOut.has(name)
        ? undefined
        : statSync(join(directory, path), { throwIfNoEntry: false });
      if (found?.isDirectory()) look(path, [...above, real]);
      else if (found?.isFile()) sizes.set(path, found.size);
    }
  };
  look('', []);
  return sizes;
}

function assertSmall(sizes: Map<string, number>): void {
  const large = tooLargeForCopy(sizes);
  if (!large) return;
  const { path, mb, allMb } = large;
  throw new ProblemsError([
    {
      where: path,
      what: `is the largest file of this directory (${mb.toFixed(1)} MB), which has ${allMb.toFixed(1)} MB in all. A copy may have ${ownerCopyLimitMb} MB.`,
      remedy: 'Move it elsewhere, then run: haven up',
    },
  ]);
}
