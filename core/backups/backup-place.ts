/**
 * Where backups go: a bucket of an S3-compatible storage, or a folder that an SFTP server has. Holds no secret; those are
 * sent beside it.
 */
export type BackupPlace = S3Place | SftpPlace;

export interface S3Place {
  kind: 's3';
  /** Origin of the storage, such as `https://fsn1.your-objectstorage.com`. */
  endpoint: string;
  bucket: string;
  /** Left out where the storage has none. */
  region?: string;
  /** Path in the bucket, without slashes at its ends: the id of the cloud unless haven.yaml says otherwise. */
  folder: string;
}

export interface SftpPlace {
  kind: 'sftp';
  host: string;
  port: number;
  user: string;
  /** The server's own public key, as a line of known_hosts has it after the name: `ssh-ed25519 AAAA…`. */
  hostKey: string;
  /** Path on the server, relative to the user's home, or absolute. */
  folder: string;
}

/** The secrets of each kind of place. The owner sets those of S3; the key for SFTP is made by haven. */
export const placeSecrets = {
  s3: ['backup-s3-key', 'backup-s3-secret'],
  sftp: ['backup-sftp-key'],
} as const satisfies Record<BackupPlace['kind'], string[]>;

/** With this secret restic encrypts everything. Made by haven; without it nothing can be restored. */
export const backupPassword = 'backup-password';

/** `s3: bucket "ada" at fsn1.your-objectstorage.com`, `sftp: u1@u1.your-storagebox.de` */
export const describePlace = (place: BackupPlace): string =>
  place.kind === 's3'
    ? `bucket "${place.bucket}" at ${new URL(place.endpoint).host}`
    : `${place.user}@${place.host}:${place.folder}`;
