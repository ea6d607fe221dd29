import { readFileSync } from 'node:fs';
import { Args, Flags } from '@oclif/core';
import type { Invitation } from '../../../agent/people.ts';
import { parsePeopleCsv } from '../../../core/people-csv.ts';
import { type NewPerson, newPersonSchema, type Person } from '../../../core/person.ts';
import { type Problem, ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { describeInvitation, invite, judgeSendTo, noAccount, sendToFlag } from '../../invite.ts';
import { askPeople, openWithPeople } from '../../people-link.ts';
import type { Project } from '../../project.ts';

export default class PeopleAdd extends HavenCommand {
  static override summary = 'Add a person, or a table of them.';
  static override description =
    'One person gets a way in at once, which is printed. A table (CSV) is only looked at, and everything that is wrong with it is said with its line; with --yes its people are made, and where it has a column sendTo each gets the way in by mail. Who is there already stays as they are.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada --given-name Ada --surname Lovelace --group admins',
    '<%= config.bin %> <%= command.id %> --csv people.csv',
    '<%= config.bin %> <%= command.id %> --csv people.csv --yes',
  ];
  static override args = { name: Args.string({ description: 'What they log in with.' }) };
  static override flags = {
    'given-name': Flags.string({ summary: 'First name.' }),
    surname: Flags.string({ summary: 'Last name.' }),
    group: Flags.string({ multiple: true, summary: 'A group; "admins" administer this cloud.' }),
    'send-to': sendToFlag({ exclusive: ['csv'] }),
    csv: Flags.string({
      summary: 'A table with the columns name,givenName,surname,groups and, if you like, sendTo.',
    }),
    yes: Flags.boolean({ char: 'y', summary: 'Make the people of the table.' }),
  };

  async run(): Promise<{ added: string[]; there: string[]; invitation?: Invitation }> {
    const { args, flags } = await this.parse(PeopleAdd);
    const project = await openWithPeople();
    if (flags.csv !== undefined) return this.#addTable(project, flags.csv, flags.yes);
    judgeSendTo(project, 'add', flags['send-to']);
    const person = judge({
      name: args.name,
      givenName: flags['given-name'],
      surname: flags.surname,
      groups: flags.group ?? [],
    });
    const answer = await this.#make(project, [person]);
    if (answer.there.length > 0)
      throw new ProblemsError([
        {
          where: 'haven people add',
          what: `the name "${person.name}" is taken: somebody of this cloud has it. They stay as they are.`,
          remedy: `Choose another name. To look: haven people show ${person.name}`,
        },
      ]);
    this.log(`  ${person.givenName} ${person.surname} is in.`);
    const invitation = await invite(project, person.name, { sendTo: flags['send-to'] });
    for (const line of describeInvitation(invitation)) this.log(line);
    return { ...answer, invitation };
  }

  async #addTable(
    project: Project,
    file: string,
    isMeant: boolean,
  ): Promise<{ added: string[]; there: string[] }> {
    const there = await askPeople<Person[]>({ ask: 'list' }, project);
    const taken = new Set(there.map((each) => each.name));
    const { people, letters, problems } = parsePeopleCsv(readFileSync(file, 'utf8'), file, taken);
    if (letters.length > 0 && !project.config.sending) problems.push(noAccount(file));
    if (problems.length > 0) throw new ProblemsError(problems);
    if (!isMeant) {
      this.log(
        `  ${people.length === 1 ? '1 person' : `${people.length} people`} would be added: ${names(people)}. Nothing is wrong with the table.`,
      );
      this.log(`  To make them: haven people add --csv ${file} --yes`);
      return { added: [], there: [] };
    }
    const answer = await this.#make(project, people);
    this.log(`  ${answer.added.length === 1 ? '1 person is' : `${answer.added.length} people are`} in.`);
    const unsent = await this.#sendInvitations(project, letters);
    const uninvited = people.length - letters.length + unsent.length;
    if (uninvited > 0) this.log(`  ${uninvited} have no way in yet. To give one: haven people invite NAME`);
    if (unsent.length > 0) throw new ProblemsError(unsent);
    return answer;
  }

  /** One letter after the other; one that fails keeps no other back. */
  async #sendInvitations(project: Project, letters: { name: string; sendTo: string }[]): Promise<Problem[]> {
    const unsent: Problem[] = [];
    for (const { name, sendTo } of letters) {
      const { sent } = await invite(project, name, { sendTo });
      if (sent?.why === undefined) this.log(`  The way in of ${name} has gone to ${sendTo}.`);
      else
        unsent.push({
          where: name,
          what: `the letter to ${sendTo} did not go out: ${sent.why}`,
          remedy: `Type: haven people invite ${name} --send-to ${sendTo}`,
        });
    }
    return unsent;
  }

  #make(project: Project, people: NewPerson[]): Promise<{ added: string[]; there: string[] }> {
    return askPeople({ ask: 'add', people, domain: project.config.domains[0]!.name }, project);
  }
}

const names = (people: NewPerson[]): string => {
  const shown = people.slice(0, 5).map((each) => each.name);
  return people.length > 5 ? `${shown.join(', ')} and ${people.length - 5} more` : shown.join(', ');
};

function judge(typed: unknown): NewPerson {
  const parsed = newPersonSchema.safeParse(typed);
  if (parsed.success) return parsed.data;
  const flags: Record<string, string> = {
    givenName: '--given-name',
    surname: '--surname',
    groups: '--group',
  };
  throw new ProblemsError(
    parsed.error.issues.map((issue) => ({
      where: 'haven people add',
      what: `${flags[String(issue.path[0])] ?? 'the name'} ${issue.message.startsWith('Invalid') ? 'is missing' : issue.message}.`,
      remedy: 'For example: haven people add ada --given-name Ada --surname Lovelace',
    })),
  );
}
