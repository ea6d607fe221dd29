import { Args } from '@oclif/core';
import { HavenCommand } from '../../base-command.ts';
import { type ChangedUser, changedUserOutput } from '../../output/schemas.ts';
import { askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

export const output = changedUserOutput;

export default class UserEnable extends HavenCommand {
  static override summary = 'Enable a disabled user.';
  static override description = 'Everything is as it was, second factor and passkeys included.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ required: true, description: 'The user.' }) };

  async run(): Promise<ChangedUser> {
    const { args } = await this.parse(UserEnable);
    const name = typedName(args.name, 'enable');
    const project = await openWithUsers();
    const user = await askAgent<ChangedUser>({ ask: 'switch', name, enabled: true }, project);
    this.log(`  ${name} can log in again.`);
    for (const note of user.notes) this.log(`  ${note}`);
    return user;
  }
}
