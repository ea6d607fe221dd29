import { styleText } from 'node:util';
import { Flags } from '@oclif/core';
import { z } from 'zod';
import type { User } from '../../../core/users/user.ts';
import { renderUserCsv } from '../../../core/users/user-csv.ts';
import { HavenCommand } from '../../base-command.ts';
import { userOutput } from '../../output/schemas.ts';
import { askAgent } from '../../project/user-link.ts';

export const output = z.array(userOutput);

export default class UserList extends HavenCommand {
  static override summary = 'List the users of this cloud.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --csv > users.csv',
  ];
  static override flags = {
    csv: Flags.boolean({ summary: 'As a CSV file that "haven user add --csv" takes.' }),
  };

  async run(): Promise<User[]> {
    const { flags } = await this.parse(UserList);
    const users = await askAgent<User[]>({ ask: 'list' });
    if (flags.csv) {
      this.log(renderUserCsv(users).trimEnd());
      return users;
    }
    for (const each of users) {
      const mark = each.enabled ? styleText('green', '✔') : styleText('yellow', '–');
      const groups = each.groups.length > 0 ? `  ${each.groups.join(', ')}` : '';
      this.log(`  ${mark} ${each.name.padEnd(16)} ${each.givenName} ${each.surname}${groups}`);
    }
    this.log(
      users.length === 0
        ? '  No users yet. To add one, run: haven user add NAME --given-name ... --surname ...'
        : `\n  ${users.length} users. ✔ enabled, – disabled.`,
    );
    return users;
  }
}
