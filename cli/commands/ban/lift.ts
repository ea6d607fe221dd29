import { Args } from '@oclif/core';
import { z } from 'zod';
import type { Ban } from '../../../core/bans/ban.ts';
import { bannedNetwork } from '../../../core/bans/banned-network.ts';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { banOutput } from '../../output/schemas.ts';
import { Project } from '../../project/project.ts';
import { agentOf } from '../../project/server-link.ts';

export const output = z.strictObject({
  /** As bans have it: over IPv6 the network of the address. */
  address: z.string(),
  /** The bans that ended. */
  lifted: z.array(banOutput),
});

export default class LiftBan extends HavenCommand {
  static override summary = 'End the ban of an address, so that it reaches this cloud again at once.';
  static override description = 'If passwords are guessed from there again, the next ban is longer.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 203.0.113.7',
    '<%= config.bin %> <%= command.id %> 2001:db8:1:2::3',
  ];
  static override args = {
    address: Args.string({
      required: true,
      description: 'The IP address, or the network that the list shows.',
    }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args } = await this.parse(LiftBan);
    const address = bannedNetwork(args.address);
    if (address === undefined)
      throw new ProblemsError([
        { where: args.address, what: 'is not a valid IP address.', remedy: 'See: haven ban list' },
      ]);
    const agent = await agentOf(await Project.open());
    const lifted = await agent.call<Ban[]>(['ban-lift', address]);
    if (lifted.length === 0) this.log(`  ${address} is not banned.`);
    for (const { service } of lifted)
      this.log(`  The ban of ${address} for failed logins at ${service} has ended.`);
    return { address, lifted };
  }
}
