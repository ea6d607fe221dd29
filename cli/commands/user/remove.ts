import { Args, Flags } from '@oclif/core';
import { HavenCommand } from '../../base-command.ts';
import { mustConfirmName } from '../../output/consent.ts';
import { type ChangedUser, changedUserOutput } from '../../output/schemas.ts';
import { askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

export const output = changedUserOutput;

export default class UserRemove extends HavenCommand {
  static override summary = 'Remove a user permanently.';
  static override description =
    'Their login, groups, second factor and sessions are deleted now. What they made in services is kept, or transferred to the user that you name with --transfer-to. If you may want to undo it, use "haven user disable" instead.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada',
    '<%= config.bin %> <%= command.id %> ada --transfer-to grace',
  ];
  static override args = { name: Args.string({ required: true, description: 'The user.' }) };
  static override flags = {
    'transfer-to': Flags.string({ summary: 'The user who gets what they made in services.' }),
    confirm: Flags.string({ summary: "The user's name, instead of typing it. For scripts." }),
  };

  async run(): Promise<ChangedUser> {
    const { args, flags } = await this.parse(UserRemove);
    const name = typedName(args.name, 'remove');
    const to = flags['transfer-to'];
    const successor = to === undefined ? undefined : typedName(to, 'remove');
    const project = await openWithUsers();
    const what = `This removes ${name} permanently (to undo it later, disable them instead: haven user disable ${name}).`;
    const command = `haven user remove ${name}${successor ? ` --transfer-to ${successor}` : ''}`;
    await mustConfirmName({ command, what, mayAsk: this.mayAsk }, name, flags.confirm);
    const user = await askAgent<ChangedUser>({ ask: 'remove', name, successor }, project);
    this.log(
      successor === undefined
        ? `  ${name} is removed. What ${name} made in services is kept; nobody can log in to it.`
        : `  ${name} is removed. What ${name} made in services belongs to ${successor} now.`,
    );
    for (const note of user.notes) this.log(`  ${note}`);
    return user;
  }
}
