import { styleText } from 'node:util';
import { Flags } from '@oclif/core';
import { renderPeopleCsv } from '../../../core/people-csv.ts';
import type { Person } from '../../../core/person.ts';
import { HavenCommand } from '../../base-command.ts';
import { askPeople } from '../../people-link.ts';

export default class PeopleList extends HavenCommand {
  static override summary = 'Show the people of this cloud.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --csv > people.csv',
  ];
  static override flags = {
    csv: Flags.boolean({ summary: 'As a table that "haven people add --csv" takes.' }),
  };

  async run(): Promise<Person[]> {
    const { flags } = await this.parse(PeopleList);
    const people = await askPeople<Person[]>({ ask: 'list' });
    if (flags.csv) {
      this.log(renderPeopleCsv(people).trimEnd());
      return people;
    }
    for (const each of people) {
      const mark = each.enabled ? styleText('green', '✔') : styleText('yellow', '–');
      const groups = each.groups.length > 0 ? `  ${each.groups.join(', ')}` : '';
      this.log(`  ${mark} ${each.name.padEnd(16)} ${each.givenName} ${each.surname}${groups}`);
    }
    this.log(
      people.length === 0
        ? '  Nobody yet. To add somebody: haven people add NAME --given-name ... --surname ...'
        : `\n  ${people.length} people. ✔ may log in, – is switched off.`,
    );
    return people;
  }
}
