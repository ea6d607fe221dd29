import { Args } from '@oclif/core';
import { HavenCommand } from '../../base-command.ts';
import { type ChangedUser, changedUserOutput } from '../../output/schemas.ts';
import { askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

export const output = changedUserOutput;

export default class UserDisable extends HavenCommand {
  static override summary = 'Disable a user: every session ends, and no password, token or key works.';
  static override description =
    'Their data is kept. "haven user enable" restores their login, including the second factor.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ required: true, description: 'The user.' }) };

  async run(): Promise<ChangedUser> {
    const { args } = await this.parse(UserDisable);
    const name = typedName(args.name, 'disable');
    const project = await openWithUsers();
    const user = await askAgent<ChangedUser>({ ask: 'switch', name, enabled: false }, project);
    this.log(`  ${name} is disabled. To enable them again, run: haven user enable ${name}`);
    for (const note of user.notes) this.log(`  ${note}`);
    return user;
  }
}
