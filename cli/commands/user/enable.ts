import { Args } from '@oclif/core';
import type { User } from '../../../core/users/user.ts';
import { HavenCommand } from '../../base-command.ts';
import { userOutput } from '../../output/schemas.ts';
import { askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

export const output = userOutput;

export default class UserEnable extends HavenCommand {
  static override summary = 'Enable a disabled user.';
  static override description = 'Everything is as it was, second factor and passkeys included.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ required: true, description: 'The user.' }) };

  async run(): Promise<User> {
    const { args } = await this.parse(UserEnable);
    const name = typedName(args.name, 'enable');
    const project = await openWithUsers();
    const user = await askAgent<User>({ ask: 'switch', name, enabled: true }, project);
    this.log(`  ${name} can log in again.`);
    return user;
  }
}
