import { type BackupHealth, judgeBackups } from '../../core/backups/backup-health.ts';
import type { BackupSettings } from '../../core/backups/backup-settings.ts';
import type { Layout } from '../store/layout.ts';
import { gatherBackupFacts } from './backup-facts.ts';
import { readBackupSettings } from './backup-order.ts';

/** How the backups of this server are. */
export interface BackupStatus {
  /** Null where no backups are set up. */
  settings: BackupSettings | null;
  services: BackupHealth[];
}

/** From what this server remembers: the storage is not asked. */
export function readBackupStatus(layout: Layout, now = Date.now()): BackupStatus {
  const facts = gatherBackupFacts(layout);
  return { settings: readBackupSettings(layout), services: facts ? judgeBackups(facts, now) : [] };
}
