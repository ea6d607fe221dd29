import { Args } from '@oclif/core';
import { z } from 'zod';
import type { Backup, BackupReason } from '../../../core/backups/backup.ts';
import { serverBackup } from '../../../core/backups/server-backup.ts';
import { HavenCommand } from '../../base-command.ts';
import { localTime } from '../../output/local-time.ts';
import { openWithBackups } from '../../project/backup-link.ts';
import { knownService } from '../../project/known-service.ts';
import { agentOf } from '../../project/server-link.ts';

export const output = z.array(
  z.strictObject({
    /** The id of restic's snapshot. */
    id: z.string(),
    service: z.string(),
    /** The moment whose data it has, in UTC (RFC 3339). */
    at: z.string(),
    /** Hash of the release that ran then, and the program's version. */
    release: z.string(),
    version: z.string(),
    /** Names of the data in it. */
    data: z.array(z.string()),
    why: z.enum(['nightly', 'asked', 'before-change']),
  }),
);

const reasons: Record<BackupReason, string> = {
  nightly: 'nightly',
  asked: 'by haven backup now',
  'before-change': 'before a change',
};

export default class BackupList extends HavenCommand {
  static override summary = 'List the backups that exist, newest first.';
  static override description =
    'The server reads them from the place where they are kept. Times are in this cloud\'s time zone ("timeZone" in haven.yaml); one of them is what "haven restore --at" takes. "server" is the server\'s own: users, certificates and keys, for "haven recover".';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> gitea',
  ];
  static override args = { service: Args.string({ description: 'Only this service.' }) };

  async run(): Promise<Backup[]> {
    const { args } = await this.parse(BackupList);
    const project = await openWithBackups('backup list');
    const only = args.service === undefined ? [] : [knownService(project, args.service, 'backup list')];
    const agent = await agentOf(project);
    const backups = await agent.call<Backup[]>(['backup-list', ...only]);
    const { timeZone } = project.config;
    for (const { service, at, version, why } of backups)
      this.log(
        `  ${localTime(at, timeZone)}  ${service.padEnd(14)} ${version.padEnd(10)} ${service === serverBackup ? 'with the services' : reasons[why]}`,
      );
    if (backups.length === 0) this.log('  There is no backup yet. To make one, run: haven backup now');
    return backups;
  }
}
