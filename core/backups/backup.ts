/** One backup of one service, as `haven backup list` shows it. */
export interface Backup {
  /** The id of restic's snapshot, 64 hex digits. */
  id: string;
  service: string;
  /** The moment whose data it has (ISO 8601, UTC): the service was stopped then. */
  at: string;
  /** Hash of the release that ran, and the program's version for people. */
  release: string;
  version: string;
  /** Names of the data in it. */
  data: string[];
  /** Why it was made. */
  why: BackupReason;
}

export type BackupReason = 'nightly' | 'asked' | 'before-change';

/**
 * What is in a backup, beside the data: the file `manifest.json` at its top. A backup of a service has
 * `data/<name>/`, `secrets/`, `bundle.json` (the release that ran), and `database.dump` where it has a database
 * (pg_dump's custom format), which a newer PostgreSQL can read too.
 */
export interface BackupManifest extends Omit<Backup, 'id'> {
  format: 1;
  haven: string;
  /** What each data takes on a disk, in bytes, so that a restore knows whether there is space. */
  bytes?: Record<string, number>;
}
