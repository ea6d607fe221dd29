import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { putBackupOrder } from '../../agent/backups/backup-order.ts';
import { Layout } from '../../agent/store/layout.ts';
import type { BackupManifest } from '../../core/backups/backup.ts';
import type { BackupPlace } from '../../core/backups/backup-place.ts';
import type { BackupOrder } from '../../core/backups/backup-settings.ts';

/** An order with these secrets, of the cloud "ada". */
export const backupOrder = (place: BackupPlace, secrets: Record<string, string>): BackupOrder => ({
  settings: {
    haven: 'ada',
    place,
    time: '03:30',
    timeZone: 'Europe/Berlin',
    keep: { days: 7, weeks: 5, months: 12 },
    secrets: {},
  },
  secrets: { 'backup-password': 'password-of-ada', ...secrets },
});

/** The folders of a server below this one, with an order where one is given. The process has one such server at a time. */
export function backupLayout(folder: string, order?: BackupOrder, root = join(folder, 'srv')): Layout {
  process.env.HAVEN_BACKUPS = join(folder, 'settings');
  process.env.HAVEN_BACKUP_CACHE = join(folder, 'cache');
  mkdirSync(join(folder, 'run'), { recursive: true });
  const layout = new Layout(root, join(folder, 'run'));
  if (order) putBackupOrder(layout, order);
  return layout;
}

export const backupManifest = (changed: Partial<BackupManifest> = {}): BackupManifest => ({
  format: 1,
  haven: 'ada',
  service: 'gitea',
  at: '2026-11-28T03:30:05.000Z',
  release: 'abc',
  version: '1.25.6',
  data: ['files'],
  why: 'nightly',
  ...changed,
});
