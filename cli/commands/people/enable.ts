import { Args } from '@oclif/core';
import type { Person } from '../../../core/person.ts';
import { HavenCommand } from '../../base-command.ts';
import { askPeople, openWithPeople, typedName } from '../../people-link.ts';

export default class PeopleEnable extends HavenCommand {
  static override summary = 'Switch a person on again.';
  static override description = 'Everything is as it was, second factor and passkeys included.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ description: 'Who.' }) };

  async run(): Promise<Person> {
    const { args } = await this.parse(PeopleEnable);
    const name = typedName(args.name, 'enable');
    const project = await openWithPeople();
    const person = await askPeople<Person>({ ask: 'switch', name, enabled: true }, project);
    this.log(`  ${name} may log in again.`);
    return person;
  }
}
