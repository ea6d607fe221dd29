import { Args } from '@oclif/core';
import type { Person } from '../../../core/person.ts';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { askPeople, typedName } from '../../people-link.ts';

export default class PeopleShow extends HavenCommand {
  static override summary = 'Show what is known of a person.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ description: 'Who.' }) };

  async run(): Promise<Person> {
    const { args } = await this.parse(PeopleShow);
    const name = typedName(args.name, 'show');
    const person = (await askPeople<Person[]>({ ask: 'list' })).find((each) => each.name === name);
    if (!person)
      throw new ProblemsError([
        {
          where: 'haven people show',
          what: `there is nobody called "${name}" here.`,
          remedy: 'Type: haven people list',
        },
      ]);
    this.log(`  ${person.givenName} ${person.surname}`);
    this.log(`  Logs in as  ${person.name}`);
    this.log(`  Address     ${person.email}`);
    this.log(`  Groups      ${person.groups.join(', ') || 'none'}`);
    this.log(`  May log in  ${person.enabled ? 'yes' : 'no: switched off'}`);
    return person;
  }
}
