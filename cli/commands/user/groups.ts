import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import { nearest, type Problem, ProblemsError } from '../../../core/problem.ts';
import { groupName, type User } from '../../../core/users/user.ts';
import { HavenCommand } from '../../base-command.ts';
import { mustAgree } from '../../output/consent.ts';
import { userOutput } from '../../output/schemas.ts';
import { askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

/** `later`: services that do not know it yet, and are told automatically. */
export const output = userOutput.extend({ later: z.array(z.string()) });

/** Who is in it administers the cloud; it always exists. */
const admins = 'admins';

export default class UserGroups extends HavenCommand {
  static override summary = "Change a user's groups.";
  static override description =
    'Members of "admins" administer this cloud and every service of it, from their next login on and until they leave the group. Asks before it makes an administrator.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada --join admins',
    '<%= config.bin %> <%= command.id %> ada --leave admins --join board --create',
  ];
  static override args = { name: Args.string({ required: true, description: 'The user.' }) };
  static override flags = {
    join: Flags.string({ multiple: true, summary: 'A group to join.' }),
    leave: Flags.string({ multiple: true, summary: 'A group to leave.' }),
    create: Flags.boolean({ summary: 'Create groups that do not exist yet.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args, flags } = await this.parse(UserGroups);
    const name = typedName(args.name, 'groups');
    const { join = [], leave = [], create } = flags;
    judgeNames([...join, ...leave]);
    const project = await openWithUsers();
    const users = await askAgent<User[]>({ ask: 'list' }, project);
    if (!create) judgeExisting(name, join, [admins, ...users.flatMap((each) => each.groups)]);
    const user = users.find((each) => each.name === name);
    if (user && join.includes(admins) && !user.groups.includes(admins)) {
      const what = `${user.givenName} ${user.surname} (${name}) becomes an administrator of this cloud and of all its services.`;
      const command = `haven user groups ${name} --join ${admins}`;
      await mustAgree({ command, what, mayAsk: this.mayAsk }, flags.yes);
    }
    const changed = await askAgent<User & { later: string[] }>({ ask: 'groups', name, join, leave }, project);
    this.log(`  ${name} is in: ${changed.groups.join(', ') || 'no group'}`);
    const { later } = changed;
    if (later.length > 0)
      this.log(
        `  Not updated yet; will be retried automatically: ${later.join(', ')}. To see why, run: haven logs ${later[0]}`,
      );
    return changed;
  }
}

function judgeNames(groups: string[]): void {
  const wrong = groups.flatMap((each): Problem[] => {
    const issue = groupName.safeParse(each).error?.issues[0];
    const what = `the group "${each}" ${issue?.message}.`;
    return issue ? [{ where: 'haven user groups', what, remedy: 'Choose another name.' }] : [];
  });
  if (wrong.length > 0) throw new ProblemsError(wrong, 'usage');
}

/** A typing error must not create a group. */
function judgeExisting(name: string, join: string[], existing: string[]): void {
  const missing = join.filter((each) => !existing.includes(each));
  if (missing.length === 0) return;
  throw new ProblemsError(
    missing.map((each) => {
      const near = nearest(each, existing);
      return {
        where: 'haven user groups',
        what: `there is no group "${each}". Nothing was changed.`,
        remedy: `${near ? `Did you mean "${near}"? ` : ''}To create it, run: haven user groups ${name} --join ${each} --create`,
      };
    }),
    'usage',
  );
}
