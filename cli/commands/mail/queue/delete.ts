import { Args, Flags } from '@oclif/core';
import type { WaitingEmail } from '../../../../core/mail/mail-queue.ts';
import { HavenCommand } from '../../../base-command.ts';
import { mustAgree } from '../../../output/consent.ts';
import { nameOfEmail, queueOutput } from '../../../output/mail-queue.ts';
import { mailService } from '../../../project/mail-service.ts';
import { Project } from '../../../project/project.ts';
import { agentOf } from '../../../project/server-link.ts';

/** The email that was deleted; none if it did not wait any more. */
export const output = queueOutput;

export default class DeleteFromMailQueue extends HavenCommand {
  static override summary = 'Delete an email that waits, so that it is never delivered.';
  static override description =
    'Nobody is told: neither its sender nor those it was for. This cannot be undone.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 4fJ2bX1Qz3z9sQ',
    '<%= config.bin %> <%= command.id %> 4fJ2bX1Qz3z9sQ --yes',
  ];
  static override args = {
    id: Args.string({ required: true, description: 'The email, as "haven mail queue" names it.' }),
  };
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }) };

  async run(): Promise<WaitingEmail[]> {
    const { args, flags } = await this.parse(DeleteFromMailQueue);
    const project = await Project.open();
    const service = mailService(project);
    const agent = await agentOf(project);
    const queue = await agent.call<WaitingEmail[]>(['mail-queue', service]);
    const email = queue.find(({ id }) => id === args.id);
    if (email === undefined) {
      this.log(`  ${args.id} does not wait any more. Nothing was deleted. See: haven mail queue`);
      return [];
    }
    const to = email.to.map(({ address }) => address).join(', ');
    const what = `This deletes the email ${nameOfEmail(email)} to ${to}. It is never delivered, and nobody is told.`;
    const command = `haven mail queue delete ${args.id}`;
    await mustAgree({ command, what, mayAsk: this.mayAsk }, flags.yes);
    const deleted = await agent.call<WaitingEmail[]>(['mail-queue-delete', service, args.id]);
    this.log(
      deleted.length === 0
        ? `  ${args.id} does not wait any more. Nothing was deleted.`
        : `  ${args.id} was deleted.`,
    );
    return deleted;
  }
}
