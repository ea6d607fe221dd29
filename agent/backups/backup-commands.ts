import type { BackupOrder } from '../../core/backups/backup-settings.ts';
import type { Layout } from '../store/layout.ts';
import { putBackupOrder, readBackupSettings, removeBackupOrder } from './backup-order.ts';
import { applyNightlyTime } from './nightly-time.ts';

/** The commands of the agent about backups. An order comes on standard input, because it contains secrets. */
export const backupCommands = (
  layout: Layout,
  standardInput: () => Promise<string>,
  applyTime: (layout: Layout) => Promise<void> = applyNightlyTime,
): Record<string, (args: string[]) => Promise<unknown>> => ({
  'backup-put': async () => {
    putBackupOrder(layout, JSON.parse(await standardInput()) as BackupOrder);
    await applyTime(layout);
    return readBackupSettings(layout);
  },
  'backup-remove': async () => {
    removeBackupOrder(layout);
    await applyTime(layout);
    return { removed: 'backups' };
  },
});
