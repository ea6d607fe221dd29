import { Args } from '@oclif/core';
import type { WaitingEmail } from '../../../../core/mail/mail-queue.ts';
import { HavenCommand } from '../../../base-command.ts';
import { queueOutput } from '../../../output/mail-queue.ts';
import { mailService } from '../../../project/mail-service.ts';
import { Project } from '../../../project/project.ts';
import { agentOf } from '../../../project/server-link.ts';

/** The emails that are tried. */
export const output = queueOutput;

export default class RetryMailQueue extends HavenCommand {
  static override summary = 'Try the emails that wait now, all of them or one.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> 4fJ2bX1Qz3z9sQ',
  ];
  static override args = {
    id: Args.string({ description: 'The email, as "haven mail queue" names it. Default: all of them.' }),
  };

  async run(): Promise<WaitingEmail[]> {
    const { args } = await this.parse(RetryMailQueue);
    const project = await Project.open();
    const service = mailService(project);
    const agent = await agentOf(project);
    const only = args.id === undefined ? [] : [args.id];
    const tried = await agent.call<WaitingEmail[]>(['mail-queue-retry', service, ...only]);
    if (tried.length === 0)
      this.log(args.id === undefined ? '  No email waits.' : `  ${args.id} does not wait any more.`);
    else
      this.log(
        `  ${tried.length === 1 ? '1 email is' : `${tried.length} emails are`} tried now. To see what came of it, run: haven mail queue`,
      );
    return tried;
  }
}
