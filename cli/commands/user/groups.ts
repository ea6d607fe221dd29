import { Args, Flags } from '@oclif/core';
import { ProblemsError } from '../../../core/problem.ts';
import { groupName, type User } from '../../../core/users/user.ts';
import { HavenCommand } from '../../base-command.ts';
import { askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

export default class UserGroups extends HavenCommand {
  static override summary = 'Add a user to groups, or remove them.';
  static override description =
    'A member of "admins" administers this cloud and its services from their next login on, and no longer after leaving the group.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada --join admins',
    '<%= config.bin %> <%= command.id %> ada --leave admins --join board',
  ];
  static override args = { name: Args.string({ description: 'The user.' }) };
  static override flags = {
    join: Flags.string({ multiple: true, summary: 'A group to join; created if it does not exist.' }),
    leave: Flags.string({ multiple: true, summary: 'A group to leave.' }),
  };

  async run(): Promise<User> {
    const { args, flags } = await this.parse(UserGroups);
    const name = typedName(args.name, 'groups');
    const join = flags.join ?? [];
    const leave = flags.leave ?? [];
    const wrong = [...join, ...leave].flatMap((each) => {
      const issue = groupName.safeParse(each).error?.issues[0];
      return issue
        ? [
            {
              where: 'haven user groups',
              what: `the group "${each}" ${issue.message}.`,
              remedy: 'Type another name.',
            },
          ]
        : [];
    });
    if (wrong.length > 0) throw new ProblemsError(wrong);
    const { later, ...user } = await askAgent<User & { later: string[] }>(
      { ask: 'groups', name, join, leave },
      await openWithUsers(),
    );
    this.log(`  ${name} is in: ${user.groups.join(', ') || 'no group'}`);
    if (later.length > 0)
      this.log(
        `  Not told yet, retried within a minute: ${later.join(', ')}. To see why: haven logs ${later[0]}`,
      );
    return user;
  }
}
