import type { Layout } from '../store/layout.ts';
import { readBackupStatus } from './backup-status.ts';
import { Repository } from './repository.ts';
import { uploadQueue } from './upload.ts';

/** Commands of the agent about the backups that exist, and those that wait. */
export const repositoryCommands = (layout: Layout): Record<string, (args: string[]) => Promise<unknown>> => ({
  /** Called by `haven-backup-upload.service`. */
  'backup-upload': async () => {
    const report = await uploadQueue(layout);
    for (const { service, why } of report.failed) process.stderr.write(`${service}: ${why}\n`);
    if (report.failed.length > 0) process.exitCode = 1;
    return report;
  },
  /** Of a service, or all; newest first. */
  'backup-list': async ([service]) => {
    const repository = Repository.open(layout);
    if (!repository)
      throw new Error(
        'This cloud has no backups set up. Add "backups" to haven.yaml (docs/owners/backups.md), then run: haven up',
      );
    return repository.list(service);
  },
  'backup-status': async () => readBackupStatus(layout),
});
