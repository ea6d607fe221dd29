import { existsSync } from 'node:fs';
import { basename } from 'node:path/posix';
import { type BackupPlace, describePlace } from '../../core/backups/backup-place.ts';
import {
  foldersWithCopy,
  type OwnerCopy,
  ownerCopyPath,
  parseOwnerCopy,
} from '../../core/backups/owner-copy.ts';
import { placeProblem } from '../../core/backups/place-failure.ts';
import { ProblemsError } from '../../core/problem.ts';
import { PlaceFault } from '../../system/place-fault.ts';
import { getFile, listFiles } from '../../system/place-files.ts';
import { readText } from '../../system/whole-file.ts';
import { whileAsking } from '../output/asking.ts';
import { terminal } from '../output/terminal.ts';
import { assertWholeKey, isOtherKey, keyFault, keyIn, unsealWith } from './age-key.ts';
import { filePlace } from './owner-copy.ts';
import { readKeyFile, SecretStore } from './secret-store.ts';

/** What a copy is fetched with. */
export interface FetchOptions {
  /** The values of the place's secrets. */
  secrets: Record<string, string>;
  /** File with the age key, if it was named. */
  keyFile: string | undefined;
  mayAsk: boolean;
}

export interface FetchedCopy {
  copy: OwnerCopy;
  /** The age key that opened it. */
  key: string;
}

/** The copy of an owner's directory at a place; which one is asked, if there are several and no folder was named. */
export async function fetchOwnerCopy(
  place: BackupPlace,
  { secrets, keyFile, mayAsk }: FetchOptions,
): Promise<FetchedCopy> {
  const at = filePlace(place, secrets);
  const asked = <T>(work: () => Promise<T>) => inWords(place, () => whileAsking(nameOf(place), work));
  const folder =
    place.folder ||
    (await chooseFolder(place, foldersWithCopy(await asked(() => listFiles(at, ''))), mayAsk));
  const path = ownerCopyPath({ folder });
  const sealed = await asked(() => getFile(at, path));
  const key = await findKey(basename(folder), keyFile, mayAsk);
  const where = `${path} (${nameOf(place)})`;
  const parsed = parseOwnerCopy(await open(key, sealed, where));
  if ('copy' in parsed) return { copy: parsed.copy, key };
  throw new ProblemsError([{ where, what: parsed.fault, remedy: brokenRemedy }]);
}

/** The top of a place, where no folder was named. */
const inFolder = (place: BackupPlace): BackupPlace => ({ ...place, folder: place.folder || '.' });
const nameOf = (place: BackupPlace): string => describePlace(inFolder(place));

async function chooseFolder(place: BackupPlace, folders: string[], mayAsk: boolean): Promise<string> {
  const [only] = folders;
  if (only !== undefined && folders.length === 1) return only;
  const where = nameOf(place);
  if (only === undefined)
    throw new ProblemsError([
      {
        where,
        what: 'has no copy of a cloud at its top (a file that ends in ".owner.age").',
        remedy: 'If the backups are in a folder below it, name that: --folder',
      },
    ]);
  if (mayAsk)
    return terminal.select(
      'Which cloud?',
      folders.map((each) => ({ value: each, name: each })),
    );
  throw new ProblemsError(
    [
      {
        where,
        what: `has the copies of several clouds: ${folders.join(', ')}.`,
        remedy: `Name one, such as: --folder ${only}`,
      },
    ],
    'usage',
  );
}

/** From the environment, from the file that was named, from where commands look for it, or asked. */
async function findKey(id: string, keyFile: string | undefined, mayAsk: boolean): Promise<string> {
  const given = process.env.HAVEN_AGE_KEY?.trim();
  if (given) return assertWholeKey('HAVEN_AGE_KEY', given);
  if (keyFile !== undefined) {
    if (!existsSync(keyFile))
      throw new ProblemsError(
        [
          {
            where: '--key-file',
            what: `there is no file ${keyFile}.`,
            remedy: 'Name the file with the key.',
          },
        ],
        'usage',
      );
    return assertWholeKey(keyFile, keyIn(readText(keyFile)));
  }
  const own = SecretStore.keyFile(id);
  if (existsSync(own)) return readKeyFile(own);
  if (!mayAsk)
    throw new ProblemsError(
      [
        {
          where: 'HAVEN_AGE_KEY',
          what: 'is missing: the copy is encrypted with the key of this cloud.',
          remedy: 'Set it in the environment, or name a file that has it: --key-file',
        },
      ],
      'usage',
    );
  const validate = (typed: string) => {
    const fault = keyFault(typed.trim());
    return fault === undefined ? true : `This ${fault}`;
  };
  return (await terminal.password('Key of this cloud (AGE-SECRET-KEY-…):', validate)).trim();
}

async function open(key: string, sealed: Uint8Array, where: string): Promise<string> {
  try {
    return await unsealWith(key, sealed);
  } catch (error) {
    if (isOtherKey(error))
      throw new ProblemsError([
        {
          where,
          what: 'was encrypted for another key than this one.',
          remedy: 'Use the key of this cloud: the line that begins with AGE-SECRET-KEY in its key file.',
        },
      ]);
    throw new ProblemsError([
      { where, what: 'is damaged: it was cut short or changed.', remedy: brokenRemedy },
    ]);
  }
}

const brokenRemedy =
  'If you have the directory of your cloud elsewhere, such as in a repository, go there and run: haven recover';

async function inWords<T>(place: BackupPlace, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PlaceFault)) throw error;
    const kind = error.kind === 'unreachable' ? 'unreachable' : 'failed';
    throw new ProblemsError([placeProblem(inFolder(place), error, 'haven recover')], kind);
  }
}
