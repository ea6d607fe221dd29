import { type BackupPlace, placeSecrets } from '../../core/backups/backup-place.ts';
import { planBackups } from '../../core/backups/plan-backups.ts';
import { backupsSchema } from '../../core/config/backups-schema.ts';
import { ProblemsError } from '../../core/problem.ts';
import { readText } from '../../system/whole-file.ts';
import { systemProblem } from '../output/system-problem.ts';
import { type Terminal, terminal } from '../output/terminal.ts';

/** Where backups are, as it is typed for `haven recover`. */
export interface PlaceFlags {
  endpoint?: string | undefined;
  bucket?: string | undefined;
  region?: string | undefined;
  host?: string | undefined;
  user?: string | undefined;
  'host-key'?: string | undefined;
  port?: number | undefined;
  folder?: string | undefined;
}

/** The place that flags name, judged by the rules of haven.yaml; its folder is empty if none was named. Undefined without flags. */
export function placeOfFlags({ folder, ...flags }: PlaceFlags): BackupPlace | undefined {
  const { endpoint, bucket, region, host, user, port } = flags;
  const isS3 = [endpoint, bucket, region].some((each) => each !== undefined);
  const isSftp = [host, user, flags['host-key'], port].some((each) => each !== undefined);
  if (!isS3 && !isSftp) return undefined;
  const where = 'haven recover';
  if (isS3 && isSftp)
    throw usage(where, 'names a bucket and a server with SFTP.', 'Name the one that has the backups.');
  const inFolder = folder === undefined ? {} : { folder };
  const of = (values: object) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const typed = isS3
    ? { s3: { ...of({ endpoint, bucket, region }), ...inFolder } }
    : { sftp: { ...of({ host, user, hostKey: flags['host-key'], port }), ...inFolder } };
  const required = isS3 ? { endpoint, bucket } : { host, user, 'host-key': flags['host-key'] };
  const missing = Object.entries(required).flatMap(([name, value]) =>
    value === undefined ? [`--${name}`] : [],
  );
  if (missing.length > 0)
    throw usage(
      where,
      `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing.`,
      'Add what is missing, then run it again.',
    );
  const parsed = backupsSchema.safeParse(typed);
  if (!parsed.success)
    throw new ProblemsError(
      parsed.error.issues.map(({ path, message }) => ({
        where: `--${String(path.at(-1) ?? '').replace('hostKey', 'host-key')}`,
        what: `${message}.`,
        remedy: 'Correct it, then run it again.',
      })),
      'usage',
    );
  const settings = planBackups({ id: folder ?? '', backups: parsed.data, timeZone: 'UTC' }, {});
  return settings?.place;
}

/** The environment variable of each secret. */
const variables: Record<string, string> = {
  [placeSecrets.s3[0]]: 'HAVEN_BACKUP_S3_KEY',
  [placeSecrets.s3[1]]: 'HAVEN_BACKUP_S3_SECRET',
  [placeSecrets.sftp[0]]: 'HAVEN_BACKUP_SFTP_KEY_FILE',
};
const questions: Record<string, string> = {
  [placeSecrets.s3[0]]: 'Access key of the bucket:',
  [placeSecrets.s3[1]]: 'Secret key of the bucket:',
  [placeSecrets.sftp[0]]: 'File with an SSH key that the server accepts:',
};

/** What opens a place: from the environment, else asked. By the names of secrets.age. */
export async function askPlaceSecrets(place: BackupPlace, mayAsk: boolean): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of placeSecrets[place.kind]) {
    const variable = variables[name]!;
    const given = process.env[variable]?.trim();
    if (!given && !mayAsk)
      throw usage(
        variable,
        'is missing: the place of the backups is opened with it.',
        'Set it in the environment, then run it again.',
      );
    const ask: Terminal['input'] =
      place.kind === 's3' ? (question) => terminal.password(question) : terminal.input;
    const value = given || (await ask(questions[name]!)).trim();
    found[name] = place.kind === 's3' ? value : readKey(value, variable);
  }
  return found;
}

function readKey(file: string, variable: string): string {
  try {
    return readText(file);
  } catch (error) {
    const problem = error instanceof Error ? systemProblem(error) : undefined;
    throw usage(
      variable,
      problem ? `${file} ${problem.what}` : `there is no file ${file}.`,
      'Name a file with a private SSH key, then run it again.',
    );
  }
}

const usage = (where: string, what: string, remedy: string): ProblemsError =>
  new ProblemsError([{ where, what, remedy }], 'usage');
