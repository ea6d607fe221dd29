import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { OwnerCopy } from '../../core/backups/owner-copy.ts';
import { ProblemsError } from '../../core/problem.ts';
import { readText, writeWhole } from '../../system/whole-file.ts';
import type { FetchedCopy } from './fetch-owner-copy.ts';
import { RecoveryNote } from './recovery-note.ts';
import { readKeyFile, SecretStore, writeKeyFile } from './secret-store.ts';

/**
 * Writes a copy into a directory that is empty, and its key where commands look for it. Neither takes the place of
 * something else. Interrupted, it is run again by the same command.
 */
export function writeOwnerCopy(directory: string, { copy, key }: FetchedCopy): void {
  const note = new RecoveryNote(directory);
  const noted = note.read();
  assertOwn(directory, copy, noted?.haven);
  keepKey(copy.haven, key);
  if (noted !== undefined && noted.phase !== 'writing') return;
  note.write({ haven: copy.haven, phase: 'writing' });
  for (const [path, content] of copy.files) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeWhole(file, content, path === 'secrets.age' ? 0o600 : undefined);
  }
  note.write({ haven: copy.haven, phase: 'written' });
}

function assertOwn(directory: string, { haven }: OwnerCopy, recovering: string | undefined): void {
  if (recovering === haven) return;
  const other = recovering ?? idIn(directory);
  if (other !== undefined && other !== haven)
    throw refused(
      directory,
      `has the cloud "${other}", and these are the backups of "${haven}". Nothing was changed.`,
      'Choose an empty directory: --directory',
    );
  if (other === haven)
    throw refused(
      directory,
      'already has the files of this cloud, and no file is overwritten. Nothing was changed.',
      'To recover the cloud with the files that are there, run in that directory: haven recover   To use those of the copy, choose an empty directory: --directory',
    );
  const names = readdirSync(directory).filter((each) => each !== '.haven' && each !== '.git');
  if (names.length > 0)
    throw refused(
      directory,
      `is not empty (${names.slice(0, 3).join(', ')}), and no file is overwritten. Nothing was changed.`,
      'Choose an empty directory: --directory',
    );
}

/** The id in haven.yaml; undefined where there is no such file. */
function idIn(directory: string): string | undefined {
  const file = join(directory, 'haven.yaml');
  if (!existsSync(file)) return undefined;
  return (
    z.object({ id: z.string() }).safeParse(parse(readText(file), { logLevel: 'silent' })).data?.id ??
    '(unknown)'
  );
}

function keepKey(haven: string, key: string): void {
  const file = SecretStore.keyFile(haven);
  if (!existsSync(file)) writeKeyFile(file, haven, key);
  else if (readKeyFile(file) !== key)
    throw refused(
      file,
      'has another key than the one that opens these backups. Nothing was changed.',
      'Move it away, then run the command again.',
    );
}

const refused = (where: string, what: string, remedy: string): ProblemsError =>
  new ProblemsError([{ where, what, remedy }], 'usage');
