import { Args } from '@oclif/core';
import { z } from 'zod';
import type { BackedUp, BackupNowOrder } from '../../../agent/operations/task-commands.ts';
import { thisUser } from '../../../system/this-user.ts';
import { HavenCommand } from '../../base-command.ts';
import { exitCodes } from '../../output/exit-codes.ts';
import { localTime } from '../../output/local-time.ts';
import { mark } from '../../output/mark.ts';
import { OperationSteps } from '../../output/operation-steps.ts';
import { openWithBackups } from '../../project/backup-link.ts';
import { chosenService } from '../../project/chosen-service.ts';
import { agentOf } from '../../project/server-link.ts';

export const output = z.array(
  z.strictObject({
    service: z.string(),
    /** The backup that was made; left out after a failure. */
    backup: z
      .strictObject({
        id: z.string(),
        /** The moment whose data it has, in UTC (RFC 3339). */
        at: z.string(),
      })
      .optional(),
    /** Why there is none. */
    why: z.string().optional(),
  }),
);

export default class BackupNow extends HavenCommand {
  static override summary = 'Back up all services now, or one of them.';
  static override description =
    'One service after the other stops for a few seconds, so that its data is of one moment; then it runs again while the backup is uploaded. Exit code: 0 if every service was backed up, 1 if one was not.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> gitea',
  ];
  static override args = { service: Args.string({ description: 'Only this service.' }) };

  async run(): Promise<z.infer<typeof output>> {
    const { args } = await this.parse(BackupNow);
    const project = await openWithBackups('backup now');
    const services = args.service === undefined ? [] : [chosenService(project, args.service, 'backup now')];
    const agent = await agentOf(project);
    const order: BackupNowOrder = { services, by: thisUser() };
    const steps = new OperationSteps();
    const onLine = (line: string) => {
      steps.onLine(line);
      if (line.startsWith('{"uploading"')) steps.say('uploading');
    };
    const done = await agent
      .call<BackedUp[]>(['backup-now'], JSON.stringify(order), onLine)
      .finally(() => steps.end());
    for (const { service, backup, why } of done) {
      const said = backup
        ? `backed up, as of ${localTime(backup.at, project.config.timeZone)}`
        : `not backed up: ${why}`;
      this.log(`  ${mark(backup !== undefined)} ${service.padEnd(14)} ${said}`);
    }
    if (done.length === 0) this.log('  No service has data to back up.');
    if (done.some(({ backup }) => backup === undefined)) process.exitCode = exitCodes.failed;
    return done;
  }
}
