import { Args } from '@oclif/core';
import type { User } from '../../../core/users/user.ts';
import { HavenCommand } from '../../base-command.ts';
import { userOutput } from '../../output/schemas.ts';
import { findUser, openWithUsers, typedName } from '../../project/user-link.ts';

export const output = userOutput;

export default class UserShow extends HavenCommand {
  static override summary = 'Show a user: name, address, groups.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ required: true, description: 'The user.' }) };

  async run(): Promise<User> {
    const { args } = await this.parse(UserShow);
    const user = await findUser(await openWithUsers(), typedName(args.name, 'show'), 'show');
    this.log(`  ${user.givenName} ${user.surname}`);
    this.log(`  Logs in as  ${user.name}`);
    this.log(`  Address     ${user.email}`);
    this.log(`  Groups      ${user.groups.join(', ') || 'none'}`);
    this.log(`  Can log in  ${user.enabled ? 'yes' : 'no: disabled'}`);
    return user;
  }
}
