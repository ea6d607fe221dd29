import { input } from '@inquirer/prompts';
import { Args, Flags } from '@oclif/core';
import { ProblemsError } from '../../../core/problem.ts';
import type { User } from '../../../core/users/user.ts';
import { HavenCommand } from '../../base-command.ts';
import { askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

export default class UserRemove extends HavenCommand {
  static override summary = 'Remove a user for good.';
  static override description =
    'Their login, groups, second factor and sessions are gone at once. What they made in services stays there, under their name, until an administrator of the service gives it to somebody. To keep the way back open, use "haven user disable" instead.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ description: 'Who.' }) };
  static override flags = {
    'transfer-to': Flags.string({ summary: 'Who gets what they made in services.' }),
    confirm: Flags.string({ summary: "The user's name, instead of typing it. For machines." }),
  };

  async run(): Promise<User> {
    const { args, flags } = await this.parse(UserRemove);
    const name = typedName(args.name, 'remove');
    const successor =
      flags['transfer-to'] === undefined ? undefined : typedName(flags['transfer-to'], 'remove');
    const project = await openWithUsers();
    const typed =
      flags.confirm ??
      (process.stdin.isTTY
        ? await input({ message: `This removes ${name} for good. Type the name to go on:` })
        : undefined);
    if (typed !== name)
      throw new ProblemsError([
        {
          where: 'haven user remove',
          what: `${name} would be removed for good, and nobody said so by name. Nothing was changed.`,
          remedy: `Type: haven user remove ${name} --confirm ${name}   To only switch off: haven user disable ${name}`,
        },
      ]);
    const user = await askAgent<User>({ ask: 'remove', name, successor }, project);
    this.log(
      successor === undefined
        ? `  ${name} is gone. What ${name} made in services is still there; nobody can log in to it.`
        : `  ${name} is gone. What ${name} made in services belongs to ${successor} now.`,
    );
    return user;
  }
}
