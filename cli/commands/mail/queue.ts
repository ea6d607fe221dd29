import type { WaitingEmail } from '../../../core/mail/mail-queue.ts';
import { HavenCommand } from '../../base-command.ts';
import { queueOutput, renderQueue } from '../../output/mail-queue.ts';
import { mailService } from '../../project/mail-service.ts';
import { Project } from '../../project/project.ts';
import { agentOf } from '../../project/server-link.ts';

export const output = queueOutput;

export default class MailQueue extends HavenCommand {
  static override summary = 'List the emails that wait, since when, why, and when they are tried again.';
  static override description =
    'An email waits while the other server does not answer, or asks to be tried later. It is tried again and again for 5 days. Then its sender gets a report. Shows no content of emails.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<WaitingEmail[]> {
    await this.parse(MailQueue);
    const project = await Project.open();
    const service = mailService(project);
    const agent = await agentOf(project);
    const queue = await agent.call<WaitingEmail[]>(['mail-queue', service]);
    this.log(renderQueue(queue, project.config.timeZone));
    return queue;
  }
}
