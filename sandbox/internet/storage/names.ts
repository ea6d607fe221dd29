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
