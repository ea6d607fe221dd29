import { readFileSync } from 'node:fs';
import { Args, Flags } from '@oclif/core';
import type { Invitation } from '../../../agent/users/invite.ts';
import { type Problem, ProblemsError } from '../../../core/problem.ts';
import { type NewUser, newUserSchema, type User } from '../../../core/users/user.ts';
import { parseUserCsv } from '../../../core/users/user-csv.ts';
import { HavenCommand } from '../../base-command.ts';
import { describeInvitation, invite, judgeSendTo, noAccount, sendToFlag } from '../../project/invite.ts';
import type { Project } from '../../project/project.ts';
import { askAgent, openWithUsers } from '../../project/user-link.ts';

export default class UserAdd extends HavenCommand {
  static override summary = 'Add a user, or a table of them.';
  static override description =
    'One user gets a way in at once, which is printed. A table (CSV) is only looked at, and everything that is wrong with it is said with its line; with --yes its users are made, and where it has a column sendTo each gets the way in by mail. Who is there already stays as they are.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada --given-name Ada --surname Lovelace --group admins',
    '<%= config.bin %> <%= command.id %> --csv users.csv',
    '<%= config.bin %> <%= command.id %> --csv users.csv --yes',
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
    yes: Flags.boolean({ char: 'y', summary: 'Make the users of the table.' }),
  };

  async run(): Promise<{ added: string[]; there: string[]; invitation?: Invitation }> {
    const { args, flags } = await this.parse(UserAdd);
    const project = await openWithUsers();
    if (flags.csv !== undefined) return this.#addTable(project, flags.csv, flags.yes);
    judgeSendTo(project, 'add', flags['send-to']);
    const user = judge({
      name: args.name,
      givenName: flags['given-name'],
      surname: flags.surname,
      groups: flags.group ?? [],
    });
    const answer = await this.#make(project, [user]);
    if (answer.there.length > 0)
      throw new ProblemsError([
        {
          where: 'haven user add',
          what: `the name "${user.name}" is taken: somebody of this cloud has it. They stay as they are.`,
          remedy: `Choose another name. To look: haven user show ${user.name}`,
        },
      ]);
    this.log(`  ${user.givenName} ${user.surname} is in.`);
    const invitation = await invite(project, user.name, { sendTo: flags['send-to'] });
    for (const line of describeInvitation(invitation)) this.log(line);
    return { ...answer, invitation };
  }

  async #addTable(
    project: Project,
    file: string,
    isMeant: boolean,
  ): Promise<{ added: string[]; there: string[] }> {
    const there = await askAgent<User[]>({ ask: 'list' }, project);
    const taken = new Set(there.map((each) => each.name));
    const { users, letters, problems } = parseUserCsv(readFileSync(file, 'utf8'), file, taken);
    if (letters.length > 0 && !project.config.sending) problems.push(noAccount(file));
    if (problems.length > 0) throw new ProblemsError(problems);
    if (!isMeant) {
      this.log(
        `  ${users.length === 1 ? '1 user' : `${users.length} users`} would be added: ${names(users)}. Nothing is wrong with the table.`,
      );
      this.log(`  To make them: haven user add --csv ${file} --yes`);
      return { added: [], there: [] };
    }
    const answer = await this.#make(project, users);
    this.log(`  ${answer.added.length === 1 ? '1 user is' : `${answer.added.length} users are`} in.`);
    const unsent = await this.#sendInvitations(project, letters);
    const uninvited = users.length - letters.length + unsent.length;
    if (uninvited > 0) this.log(`  ${uninvited} have no way in yet. To give one: haven user invite NAME`);
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
          remedy: `Type: haven user invite ${name} --send-to ${sendTo}`,
        });
    }
    return unsent;
  }

  #make(project: Project, users: NewUser[]): Promise<{ added: string[]; there: string[] }> {
    return askAgent({ ask: 'add', users, domain: project.config.domains[0]!.name }, project);
  }
}

const names = (users: NewUser[]): string => {
  const shown = users.slice(0, 5).map((each) => each.name);
  return users.length > 5 ? `${shown.join(', ')} and ${users.length - 5} more` : shown.join(', ');
};

function judge(typed: unknown): NewUser {
  const parsed = newUserSchema.safeParse(typed);
  if (parsed.success) return parsed.data;
  const flags: Record<string, string> = {
    givenName: '--given-name',
    surname: '--surname',
    groups: '--group',
  };
  throw new ProblemsError(
    parsed.error.issues.map((issue) => ({
      where: 'haven user add',
      what: `${flags[String(issue.path[0])] ?? 'the name'} ${issue.message.startsWith('Invalid') ? 'is missing' : issue.message}.`,
      remedy: 'For example: haven user add ada --given-name Ada --surname Lovelace',
    })),
  );
}
