import type { BackupPlace } from './backup-place.ts';

/** Backups as they are planned from haven.yaml. Has the generations of secrets, never their values. */
export interface BackupSettings {
  /** The id of the cloud: its backups carry it, so that two clouds never take each other's. */
  haven: string;
  place: BackupPlace;
  /** When the nightly backup begins, as `03:30` in this time zone. */
  time: string;
  timeZone: string;
  keep: KeptBackups;
  /** Generations of the secrets, so that a new value is sent. */
  secrets: Record<string, number>;
}

/** How many backups of each service are kept: the last one of each of so many days, weeks and months. */
export interface KeptBackups {
  days: number;
  weeks: number;
  months: number;
}

/** What the server gets, and keeps for itself: the settings, and the values of their secrets by name. */
export interface BackupOrder {
  settings: BackupSettings;
  secrets: Record<string, string>;
}
