import { Args, Flags } from '@oclif/core';
import { ProblemsError } from '../../../core/problem.ts';
import { groupName, type User } from '../../../core/users/user.ts';
import { HavenCommand } from '../../base-command.ts';
import { askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

export default class UserGroups extends HavenCommand {
  static override summary = 'Put a user into groups, or take them out.';
  static override description =
    'Who is in "admins" administers this cloud and every service of it from their next login on, and no longer after leaving it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada --join admins',
    '<%= config.bin %> <%= command.id %> ada --leave admins --join board',
  ];
  static override args = { name: Args.string({ description: 'Who.' }) };
  static override flags = {
    join: Flags.string({ multiple: true, summary: 'A group to join; made where there is none.' }),
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
    const user = await askAgent<User>({ ask: 'groups', name, join, leave }, await openWithUsers());
    this.log(`  ${name} is in: ${user.groups.join(', ') || 'no group'}`);
    return user;
  }
}
