import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { backupPassword } from '../../core/backups/backup-place.ts';
import type { BackupOrder, BackupSettings } from '../../core/backups/backup-settings.ts';
import { syncFolder } from '../store/journal.ts';
import { readJson, writeJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';

export const backupOrderFile = (layout: Layout): string => join(layout.backupSettings, 'order.json');

const ensureFolder = (layout: Layout): void =>
  void mkdirSync(layout.backupSettings, { recursive: true, mode: 0o700 });

/** Undefined where the cloud has no backups. */
export const readBackupOrder = (layout: Layout): BackupOrder | undefined => readJson(backupOrderFile(layout));

/** What may leave the server: the settings without their secrets. */
export const readBackupSettings = (layout: Layout): BackupSettings | null =>
  readBackupOrder(layout)?.settings ?? null;

/**
 * Keeps an order. Throws if its password is another one than before: the backups that exist can't be read with it, and
 * no further one could be added to them.
 */
export function putBackupOrder(layout: Layout, order: BackupOrder): void {
  const former = readBackupOrder(layout);
  if (former && former.secrets[backupPassword] !== order.secrets[backupPassword])
    throw new Error(
      'secrets.age has another backup-password than this server, whose backups can only be read with its own. Nothing was changed. Use the secrets.age of the folder that set up the backups, then run: haven up',
    );
  ensureFolder(layout);
  writeJson(backupOrderFile(layout), order);
}

/** Ends backups. Those that exist at the place stay there. */
export function removeBackupOrder(layout: Layout): void {
  rmSync(backupOrderFile(layout), { force: true });
  ensureFolder(layout);
  syncFolder(layout.backupSettings);
}
