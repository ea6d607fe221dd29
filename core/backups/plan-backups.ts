import type { HavenConfig } from '../config/config-schema.ts';
import type { Pins } from '../config/pins.ts';
import { type BackupPlace, backupPassword, placeSecrets } from './backup-place.ts';
import type { BackupSettings } from './backup-settings.ts';

type Backups = NonNullable<HavenConfig['backups']>;

/** Undefined if haven.yaml has no backups. `given` has the generations of secrets that the owner set. */
export function planBackups(
  { id, backups, timeZone }: Pick<HavenConfig, 'id' | 'backups' | 'timeZone'>,
  given: Pins['given'],
): BackupSettings | undefined {
  if (!backups) return undefined;
  const { time, keep } = backups;
  const secrets = Object.fromEntries(backupSecretsOf(backups).map((name) => [name, given?.[name] ?? 0]));
  return { haven: id, place: placeOf(backups, id), time, timeZone, keep, secrets };
}

/** The names of the secrets that these backups use. All of them are required. */
export const backupSecretsOf = (backups: HavenConfig['backups']): string[] =>
  backups ? [...placeSecrets[backups.s3 ? 's3' : 'sftp'], backupPassword] : [];

function placeOf({ s3, sftp }: Backups, id: string): BackupPlace {
  if (s3) {
    const { endpoint, bucket, region, folder = id } = s3;
    const origin = new URL(endpoint).origin;
    return { kind: 's3', endpoint: origin, bucket, ...(region === undefined ? {} : { region }), folder };
  }
  if (!sftp) throw new Error('haven.yaml has backups without a place, which its schema refuses.');
  const { host, port, user, hostKey, folder = id } = sftp;
  // A comment after the key says nothing about the server.
  const key = hostKey.trim().split(/\s+/).slice(0, 2).join(' ');
  return { kind: 'sftp', host, port, user, hostKey: key, folder };
}
