import { Args } from '@oclif/core';
import type { User } from '../../../core/users/user.ts';
import { HavenCommand } from '../../base-command.ts';
import { userOutput } from '../../output/schemas.ts';
import { askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

export const output = userOutput;

export default class UserDisable extends HavenCommand {
  static override summary = 'Disable a user: every session ends, and no password, token or key works.';
  static override description =
    'Their data is kept. "haven user enable" restores their login, including the second factor.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ required: true, description: 'The user.' }) };

  async run(): Promise<User> {
    const { args } = await this.parse(UserDisable);
    const name = typedName(args.name, 'disable');
    const project = await openWithUsers();
    const user = await askAgent<User>({ ask: 'switch', name, enabled: false }, project);
    this.log(`  ${name} is disabled. To enable them again, run: haven user enable ${name}`);
    return user;
  }
}
