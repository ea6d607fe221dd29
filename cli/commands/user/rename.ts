import { Args } from '@oclif/core';
import { z } from 'zod';
import { HavenCommand } from '../../base-command.ts';
import { type ChangedUser, changedUserOutput } from '../../output/schemas.ts';
import { askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

/** `later`: services that do not know the new name yet, and are told automatically. */
export const output = changedUserOutput.extend({ later: z.array(z.string()) });

export default class UserRename extends HavenCommand {
  static override summary = "Change a user's login name.";
  static override description =
    'They keep password, passkeys, second factor, groups and what they made. They are logged out everywhere and log in with the new name from now on. Their old email address stays theirs.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada lovelace'];
  static override args = {
    name: Args.string({ required: true, description: 'The user.' }),
    newname: Args.string({
      required: true,
      description: 'Their new name: haven user rename NAME NEWNAME',
    }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args } = await this.parse(UserRename);
    const name = typedName(args.name, 'rename');
    const to = typedName(args.newname, 'rename');
    const user = await askAgent<ChangedUser & { later: string[] }>(
      { ask: 'rename', name, to },
      await openWithUsers(),
    );
    const { later } = user;
    this.log(`  ${name} is now called ${to}, with the address ${user.email}.`);
    if (later.length > 0) this.log(`  Not updated yet; will be retried automatically: ${later.join(', ')}.`);
    for (const note of user.notes) this.log(`  ${note}`);
    return user;
  }
}
