import { Args } from '@oclif/core';
import type { User } from '../../../core/users/user.ts';
import { HavenCommand } from '../../base-command.ts';
import { askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

export default class UserEnable extends HavenCommand {
  static override summary = 'Switch a user on again.';
  static override description = 'Everything is as it was, second factor and passkeys included.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ description: 'Who.' }) };

  async run(): Promise<User> {
    const { args } = await this.parse(UserEnable);
    const name = typedName(args.name, 'enable');
    const project = await openWithUsers();
    const user = await askAgent<User>({ ask: 'switch', name, enabled: true }, project);
    this.log(`  ${name} may log in again.`);
    return user;
  }
}
