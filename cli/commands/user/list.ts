import { styleText } from 'node:util';
import { Flags } from '@oclif/core';
import type { User } from '../../../core/users/user.ts';
import { renderUserCsv } from '../../../core/users/user-csv.ts';
import { HavenCommand } from '../../base-command.ts';
import { askAgent } from '../../project/user-link.ts';

export default class UserList extends HavenCommand {
  static override summary = 'Show the users of this cloud.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --csv > users.csv',
  ];
  static override flags = {
    csv: Flags.boolean({ summary: 'As a table that "haven user add --csv" takes.' }),
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
        ? '  Nobody yet. To add somebody: haven user add NAME --given-name ... --surname ...'
        : `\n  ${users.length} users. ✔ may log in, – is switched off.`,
    );
    return users;
  }
}
