/**
 * Places for backups as Hetzner sells them, under their real names: its Object Storage (path style: the bucket is the
 * first part of the path), and a Storage Box, which speaks SFTP.
 */
export const storageName = 'fsn1.your-objectstorage.com';
export const storageEndpoint = `https://${storageName}`;
/** Hetzner's region is the location, as in the name. */
export const storageRegion = 'fsn1';

export const boxUser = 'u100000';
export const boxName = 'u100000.your-storagebox.de';
/** On 23 a box speaks SSH's programs, with `/home` as the home directory; on 22 SFTP alone. Ours has 23. */
export const boxPort = 23;

/** A bucket, and the keys that may use it. At Hetzner a key pair opens all buckets of its project, and here too. */
export interface Bucket {
  endpoint: string;
  region: string;
  bucket: string;
  key: string;
  secret: string;
}

/** An account of a Storage Box that a public key opens. */
export interface SftpAccount {
  host: string;
  port: number;
  user: string;
  /** As a line of known_hosts has it after the name: `ssh-ed25519 AAAA…`. */
  hostKey: string;
}

/**
 * The name of a bucket to be made (Amazon S3 User Guide, "Bucket naming rules"); without dots, so that it can be part of a
 * host's name below one certificate. Throws for another value.
 */
export function readBucketName(value: unknown): string {
  if (typeof value === 'string' && /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(value)) return value;
  throw new Error(
    `${JSON.stringify(value)} is not a name for a bucket: a-z, 0-9 and hyphens, 3 to 63 characters.`,
  );
}

/** One line of authorized_keys, without options: what is after a line break would be another key. Throws for another value. */
export function readPublicKey(value: unknown): string {
  const line = typeof value === 'string' ? value.trim() : '';
  if (/^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+) [A-Za-z0-9+/=]+( [^\r\n]*)?$/.test(line)) return line;
  throw new Error(`${JSON.stringify(value)} is not a public key of SSH, as a line of id_ed25519.pub.`);
}
