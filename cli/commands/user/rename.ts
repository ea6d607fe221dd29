import { Args } from '@oclif/core';
import type { User } from '../../../core/users/user.ts';
import { HavenCommand } from '../../base-command.ts';
import { askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

export default class UserRename extends HavenCommand {
  static override summary = 'Give a user another name.';
  static override description =
    'Password, passkeys, second factor, groups and what they made stay theirs. They log in with the new name from now on, everywhere anew. Their old mail address stays theirs.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada lovelace'];
  static override args = {
    name: Args.string({ description: 'Who.' }),
    to: Args.string({ description: 'Their new name.' }),
  };

  async run(): Promise<User> {
    const { args } = await this.parse(UserRename);
    const name = typedName(args.name, 'rename');
    const to = typedName(args.to, 'rename');
    const { later, ...user } = await askAgent<User & { later: string[] }>(
      { ask: 'rename', name, to },
      await openWithUsers(),
    );
    this.log(`  ${name} is called ${to} now, with the address ${user.email}.`);
    if (later.length > 0)
      this.log(
        `  Not told yet, and tried again by itself: ${later.join(', ')}. To see why: haven logs ${later[0]}`,
      );
    return user;
  }
}
