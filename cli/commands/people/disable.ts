import { Args } from '@oclif/core';
import type { Person } from '../../../core/person.ts';
import { HavenCommand } from '../../base-command.ts';
import { askPeople, openWithPeople, typedName } from '../../people-link.ts';

export default class PeopleDisable extends HavenCommand {
  static override summary =
    'Switch a person off: every session ends, no password, token or key lets them in.';
  static override description =
    'Nothing of theirs is lost. "haven people enable" gives everything back, their second factor too.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ description: 'Who.' }) };

  async run(): Promise<Person> {
    const { args } = await this.parse(PeopleDisable);
    const name = typedName(args.name, 'disable');
    const project = await openWithPeople();
    const person = await askPeople<Person>({ ask: 'switch', name, enabled: false }, project);
    this.log(`  ${name} is switched off. To switch on again: haven people enable ${name}`);
    return person;
  }
}
