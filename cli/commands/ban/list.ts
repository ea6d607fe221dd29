import { z } from 'zod';
import type { BanList } from '../../../agent/bans/ban-commands.ts';
import { HavenCommand } from '../../base-command.ts';
import { notGuarding } from '../../health/check-bans.ts';
import { mark } from '../../output/mark.ts';
import { banOutput } from '../../output/schemas.ts';
import { Project } from '../../project/project.ts';
import { agentOf } from '../../project/server-link.ts';

export const output = z.strictObject({
  /** Whether the server counts failed logins now. */
  isGuarding: z.boolean(),
  bans: z.array(banOutput),
});

export default class ListBans extends HavenCommand {
  static override summary = 'List the addresses that are banned for guessing passwords, and until when.';
  static override description =
    'A banned address reaches no service of this cloud until its ban ends. Over IPv6 the whole network of a household is banned, such as 2001:db8:1:2::/64.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<BanList> {
    await this.parse(ListBans);
    const agent = await agentOf(await Project.open());
    const list = await agent.call<BanList>(['ban-list']);
    if (list.bans.length === 0) this.log('  No address is banned.');
    for (const { address, service, since, until } of list.bans)
      this.log(`  ${address.padEnd(24)} since ${since}, until ${until}, for failed logins at ${service}`);
    if (!list.isGuarding) this.log(`  ${mark(false)} ${notGuarding}`);
    return list;
  }
}
