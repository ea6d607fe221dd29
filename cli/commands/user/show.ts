import { Args } from '@oclif/core';
import { ProblemsError } from '../../../core/problem.ts';
import type { User } from '../../../core/users/user.ts';
import { HavenCommand } from '../../base-command.ts';
import { askAgent, typedName } from '../../project/user-link.ts';

export default class UserShow extends HavenCommand {
  static override summary = 'Show what is known of a user.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ description: 'Who.' }) };

  async run(): Promise<User> {
    const { args } = await this.parse(UserShow);
    const name = typedName(args.name, 'show');
    const user = (await askAgent<User[]>({ ask: 'list' })).find((each) => each.name === name);
    if (!user)
      throw new ProblemsError([
        {
          where: 'haven user show',
          what: `there is nobody called "${name}" here.`,
          remedy: 'Type: haven user list',
        },
      ]);
    this.log(`  ${user.givenName} ${user.surname}`);
    this.log(`  Logs in as  ${user.name}`);
    this.log(`  Address     ${user.email}`);
    this.log(`  Groups      ${user.groups.join(', ') || 'none'}`);
    this.log(`  May log in  ${user.enabled ? 'yes' : 'no: switched off'}`);
    return user;
  }
}
