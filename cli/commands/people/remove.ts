import { input } from '@inquirer/prompts';
import { Args, Flags } from '@oclif/core';
import type { Person } from '../../../core/person.ts';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { askPeople, openWithPeople, typedName } from '../../people-link.ts';

export default class PeopleRemove extends HavenCommand {
  static override summary = 'Remove a person for good.';
  static override description =
    'Their login, groups, second factor and sessions are gone at once. What they made in services stays there, under their name, until an administrator of the service gives it to somebody. To keep the way back open, use "haven people disable" instead.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ description: 'Who.' }) };
  static override flags = {
    'give-to': Flags.string({ summary: 'Who gets what they made in services.' }),
    confirm: Flags.string({ summary: "The person's name, instead of typing it. For machines." }),
  };

  async run(): Promise<Person> {
    const { args, flags } = await this.parse(PeopleRemove);
    const name = typedName(args.name, 'remove');
    const heir = flags['give-to'] === undefined ? undefined : typedName(flags['give-to'], 'remove');
    const project = await openWithPeople();
    const typed =
      flags.confirm ??
      (process.stdin.isTTY
        ? await input({ message: `This removes ${name} for good. Type the name to go on:` })
        : undefined);
    if (typed !== name)
      throw new ProblemsError([
        {
          where: 'haven people remove',
          what: `${name} would be removed for good, and nobody said so by name. Nothing was changed.`,
          remedy: `Type: haven people remove ${name} --confirm ${name}   To only switch off: haven people disable ${name}`,
        },
      ]);
    const person = await askPeople<Person>({ ask: 'remove', name, heir }, project);
    this.log(
      heir === undefined
        ? `  ${name} is gone. What ${name} made in services is still there; nobody can log in to it.`
        : `  ${name} is gone. What ${name} made in services belongs to ${heir} now.`,
    );
    return person;
  }
}
