import type { BackupMemory } from '../../core/backups/backup-memory.ts';
import { withLock } from '../../system/with-lock.ts';
import { readJson, writeJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';

/** Nothing before the first backup. */
export const readBackupMemory = (layout: Layout): BackupMemory => readJson(layout.backupMemory) ?? {};

/** Operations and the upload remember, each in a process of its own. */
export const changeBackupMemory = (
  layout: Layout,
  change: (memory: BackupMemory) => BackupMemory,
): Promise<void> =>
  withLock(`${layout.run}/backup-memory.lock`, async () =>
    writeJson(layout.backupMemory, change(readBackupMemory(layout))),
  );
