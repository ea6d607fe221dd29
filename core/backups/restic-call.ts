import type { Backup, BackupManifest, BackupReason } from './backup.ts';
import { backupPassword, type SftpPlace } from './backup-place.ts';
import type { BackupOrder, KeptBackups } from './backup-settings.ts';

/**
 * How restic is called (restic 0.18, Debian 13's): its environment, and the arguments of each verb. No secret is ever an
 * argument, because every user of a machine can read those.
 */

/** Files that a call needs beside its arguments. The last two are only for SFTP. */
export interface ResticFiles {
  /** Folder in which restic keeps what it knows of the repository. It can be deleted. */
  cache: string;
  /** The private key with which the storage's server lets us in. */
  identity: string;
  /** A known_hosts file with that server's key alone ({@link renderKnownHosts}). */
  knownHosts: string;
}

/** The name under which known_hosts has the storage's key, so that neither its address nor its port matters. */
const hostAlias = 'haven-backup';

/** How often restic reports its progress, in times per second. */
const progressRate = '0.2';

/** What restic gets in its environment, beside PATH. */
export function resticEnvironment(
  { settings: { place }, secrets }: BackupOrder,
  files: ResticFiles,
): Record<string, string> {
  return {
    RESTIC_REPOSITORY: repositoryOf(place),
    RESTIC_PASSWORD: secrets[backupPassword] ?? '',
    RESTIC_CACHE_DIR: files.cache,
    RESTIC_PROGRESS_FPS: progressRate,
    // `--time` is read as local time.
    TZ: 'UTC',
    ...(place.kind === 's3' && {
      AWS_ACCESS_KEY_ID: secrets['backup-s3-key'] ?? '',
      AWS_SECRET_ACCESS_KEY: secrets['backup-s3-secret'] ?? '',
      ...(place.region !== undefined && { AWS_DEFAULT_REGION: place.region }),
    }),
  };
}

function repositoryOf(place: BackupOrder['settings']['place']): string {
  if (place.kind === 's3') return `s3:${place.endpoint}/${place.bucket}/${place.folder}`;
  // As a URL, which has room for IPv6. What follows the first slash is the folder: a second one makes it absolute.
  const host = place.host.includes(':') ? `[${place.host}]` : place.host;
  return `sftp://${encodeURIComponent(place.user)}@${host}:${place.port}/${place.folder}`;
}

/** Options that each call begins with. */
export function resticOptions({ settings: { place } }: BackupOrder, files: ResticFiles): string[] {
  if (place.kind === 'sftp')
    return ['-o', `sftp.command=${['ssh', ...sshArguments(place, files)].map(quote).join(' ')}`];
  // Buckets as part of the path: storage of one's own has no name for each bucket.
  return [
    ...['-o', 's3.bucket-lookup=path'],
    ...(place.region === undefined ? [] : ['-o', `s3.region=${place.region}`]),
  ];
}

/** ssh(1) to the storage's SFTP, with nothing of this machine's own settings. Only its pinned key is accepted. */
export function sshArguments({ host, port, user }: SftpPlace, files: ResticFiles): string[] {
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'PreferredAuthentications=publickey',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${files.knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    `HostKeyAlias=${hostAlias}`,
    'ConnectTimeout=20',
    // A server that is gone is noticed after two minutes.
    'ServerAliveInterval=30',
    'ServerAliveCountMax=4',
  ].flatMap((option) => ['-o', option]);
  const who = ['-i', files.identity, '-p', String(port), '-l', user];
  return ['-F', 'none', ...options, ...who, '-s', '--', host, 'sftp'];
}

/** The known_hosts file for {@link sshArguments}. */
export const renderKnownHosts = ({ hostKey }: SftpPlace): string => `${hostAlias} ${hostKey}\n`;

/** restic splits the command at blanks, except in quotes. */
const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`);

export const resticVerbs = {
  /** Reads the settings of the repository: exit status 10 if there is none, 12 if the password is another one's. */
  probe: () => ['cat', 'config', '--no-lock'],
  create: () => ['init'],
  /** Of the folder that it runs in. Paths in the backup begin there. */
  backup: (manifest: BackupManifest) => [
    ...['backup', '.', '--json', '--no-scan'],
    ...['--host', manifest.haven, '--time', momentOf(manifest.at)],
    ...tagsOf(manifest).flatMap((tag) => ['--tag', tag]),
  ],
  /** Without a lock, so that a list waits for nothing. */
  list: (haven: string, service?: string) => [
    ...['snapshots', '--json', '--no-lock', '--host', haven],
    ...(service === undefined ? [] : ['--tag', tag('service', service)]),
  ],
  /** Restores parts of a backup, such as `data/db`, at their paths below the target; all of it if none is named. */
  restore: (id: string, parts: string[], target: string) => [
    ...['restore', id, '--target', target, '--delete', '--json'],
    ...parts.flatMap((part) => ['--include', `/${part}`]),
  ],
  /** The content of one file, on standard output. */
  read: (id: string, file: string) => ['dump', '--no-lock', id, file],
  /** Forgets the backups of one service that are not to be kept. Their data stays until `prune`. */
  forget: (haven: string, service: string, { days, weeks, months }: KeptBackups) => [
    ...['forget', '--json', '--host', haven, '--tag', tag('service', service), '--group-by', 'host'],
    ...[
      '--keep-last',
      '1',
      '--keep-daily',
      String(days),
      '--keep-weekly',
      String(weeks),
      '--keep-monthly',
      String(months),
    ],
  ],
  forgetOne: (id: string) => ['forget', id],
  prune: () => ['prune'],
  check: () => ['check'],
  /** Removes locks of processes that do not run any more, and those of other machines that are older than 30 minutes. */
  unlock: () => ['unlock'],
} as const;

/** A comma would end a tag. */
const tag = (name: string, value: string): string => `${name}=${encodeURIComponent(value)}`;

const tagsOf = ({ service, release, version, data, why }: BackupManifest): string[] => [
  tag('service', service),
  tag('why', why),
  tag('release', release),
  tag('version', version),
  ...data.map((name) => tag('data', name)),
];

/** As restic's `--time` takes it, to the second. */
const momentOf = (at: string): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

/** A snapshot in the answer of {@link resticVerbs.list}, as far as we use it. */
interface ListedSnapshot {
  id: string;
  time: string;
  tags?: string[];
}

/** The backups in the answer of {@link resticVerbs.list}, newest first. Snapshots that are not ours are left out. */
export function parseBackups(answer: string): Backup[] {
  const listed = JSON.parse(answer) as ListedSnapshot[] | null;
  return (listed ?? [])
    .flatMap(({ id, time, tags = [] }) => {
      const valuesOf = (name: string): string[] =>
        tags.flatMap((each) =>
          each.startsWith(`${name}=`) ? [decodeURIComponent(each.slice(name.length + 1))] : [],
        );
      const [service] = valuesOf('service');
      const [why] = valuesOf('why').filter(isReason);
      if (service === undefined || why === undefined) return [];
      const [release = ''] = valuesOf('release');
      const [version = ''] = valuesOf('version');
      // restic sorts tags, and dates have nanoseconds.
      const at = new Date(time).toISOString();
      return [{ id, service, at, release, version, data: valuesOf('data').toSorted(), why }];
    })
    .toSorted((a, b) => b.at.localeCompare(a.at));
}

const reasons: readonly BackupReason[] = ['nightly', 'asked', 'before-change'];
const isReason = (text: string): text is BackupReason => reasons.some((each) => each === text);
