import type { BackupOrder } from '../../core/backups/backup-settings.ts';
import type { Layout } from '../store/layout.ts';
import { putBackupOrder, readBackupSettings, removeBackupOrder } from './backup-order.ts';
import { applyNightlyTime } from './nightly-time.ts';
import { recoverData } from './recover-data.ts';
import { Repository } from './repository.ts';

/** What `backup-put` reads. With `recover` the server first gets the data of the last backups: its cloud was lost. */
export interface BackupPut extends BackupOrder {
  recover?: boolean;
}

/** The commands of the agent about backups. An order comes on standard input, because it contains secrets. */
export const backupCommands = (
  layout: Layout,
  standardInput: () => Promise<string>,
  applyTime: (layout: Layout) => Promise<void> = applyNightlyTime,
): Record<string, (args: string[]) => Promise<unknown>> => ({
  'backup-put': async () => {
    const { recover = false, ...order } = JSON.parse(await standardInput()) as BackupPut;
    putBackupOrder(layout, order);
    if (recover)
      await recoverData(layout, Repository.open(layout)!, (step) =>
        process.stdout.write(`${JSON.stringify(step)}\n`),
      );
    await applyTime(layout);
    return readBackupSettings(layout);
  },
  'backup-remove': async () => {
    removeBackupOrder(layout);
    await applyTime(layout);
    return { removed: 'backups' };
  },
});
