import { Args } from '@oclif/core';
import type { User } from '../../../core/users/user.ts';
import { HavenCommand } from '../../base-command.ts';
import { askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

export default class UserDisable extends HavenCommand {
  static override summary = 'Switch a user off: every session ends, no password, token or key lets them in.';
  static override description =
    'Nothing of theirs is lost. "haven user enable" gives everything back, their second factor too.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ description: 'Who.' }) };

  async run(): Promise<User> {
    const { args } = await this.parse(UserDisable);
    const name = typedName(args.name, 'disable');
    const project = await openWithUsers();
    const user = await askAgent<User>({ ask: 'switch', name, enabled: false }, project);
    this.log(`  ${name} is switched off. To switch on again: haven user enable ${name}`);
    return user;
  }
}
