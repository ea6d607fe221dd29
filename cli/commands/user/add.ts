import { readFileSync } from 'node:fs';
import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import { type Problem, ProblemsError } from '../../../core/problem.ts';
import { type NewUser, newUserSchema, type User } from '../../../core/users/user.ts';
import { parseUserCsv } from '../../../core/users/user-csv.ts';
import { HavenCommand } from '../../base-command.ts';
import { mustAgree } from '../../output/consent.ts';
import { invitationOutput } from '../../output/schemas.ts';
import { describeInvitation, invite, judgeSendTo, noAccount, sendToFlag } from '../../project/invite.ts';
import type { Project } from '../../project/project.ts';
import { askAgent, openWithUsers } from '../../project/user-link.ts';

export const output = z.strictObject({
  added: z.array(z.string()),
  /** Users that existed already, and were left unchanged. */
  there: z.array(z.string()),
  /** What services said about the new users, as sentences. */
  notes: z.array(z.string()),
  /** Of one user; those of a table are sent, or given by "haven user invite". */
  invitation: invitationOutput.optional(),
});
type Output = z.infer<typeof output>;

interface FromTable {
  file: string;
  yes: boolean;
  /** Only say what would be done. */
  dryRun: boolean;
}

export default class UserAdd extends HavenCommand {
  static override summary = 'Add a user, or all users of a CSV file.';
  static override description =
    'One user gets an invitation at once, which is printed. A CSV file is checked first, with every error listed by line; if there is none, its users are created after you agree, and each row with a column sendTo gets its invitation by email. Existing users are left unchanged.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada --given-name Ada --surname Lovelace --group admins',
    '<%= config.bin %> <%= command.id %> --csv users.csv --dry-run',
    '<%= config.bin %> <%= command.id %> --csv users.csv --yes',
  ];
  static override args = { name: Args.string({ description: 'What they log in with; not with --csv.' }) };
  static override flags = {
    'given-name': Flags.string({ summary: 'First name.' }),
    surname: Flags.string({ summary: 'Last name.' }),
    group: Flags.string({ multiple: true, summary: 'A group; members of "admins" administer this cloud.' }),
    'send-to': sendToFlag({ exclusive: ['csv'] }),
    csv: Flags.string({
      summary: 'A CSV file with the columns name,givenName,surname,groups and, optionally, sendTo.',
    }),
    'dry-run': Flags.boolean({ summary: 'Only check the CSV file. No user is created.', dependsOn: ['csv'] }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }),
  };

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(UserAdd);
    const project = await openWithUsers();
    if (flags.csv !== undefined)
      return this.#addTable(project, { file: flags.csv, yes: flags.yes, dryRun: flags['dry-run'] });
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
          what: `the name "${user.name}" is already taken. That user was left unchanged.`,
          remedy: `Choose another name. To see who has it, run: haven user show ${user.name}`,
        },
      ]);
    this.log(`  ${user.givenName} ${user.surname} is added.`);
    for (const note of answer.notes) this.log(`  ${note}`);
    const invitation = await invite(project, user.name, { sendTo: flags['send-to'] });
    for (const line of describeInvitation(invitation)) this.log(line);
    return { ...answer, invitation };
  }

  async #addTable(project: Project, { file, yes, dryRun }: FromTable): Promise<Output> {
    const existing = await askAgent<User[]>({ ask: 'list' }, project);
    const taken = new Set(existing.map((each) => each.name));
    const { users, letters: emails, problems } = parseUserCsv(read(file), file, taken);
    if (emails.length > 0 && !project.sending) problems.push(noAccount(file));
    if (problems.length > 0) throw new ProblemsError(problems);
    const count = users.length === 1 ? '1 user' : `${users.length} users`;
    if (dryRun) {
      this.log(`  ${count} would be added: ${names(users)}. The file has no errors.`);
      this.log(`  To add them, run: haven user add --csv ${file}`);
      return { added: [], there: [], notes: [] };
    }
    const what = `This adds ${count}: ${names(users)}.`;
    await mustAgree({ command: `haven user add --csv ${file}`, what, mayAsk: this.mayAsk }, yes);
    const answer = await this.#make(project, users);
    this.log(`  ${answer.added.length === 1 ? '1 user is' : `${answer.added.length} users are`} added.`);
    for (const note of answer.notes) this.log(`  ${note}`);
    const unsent = await this.#sendInvitations(project, emails);
    const uninvited = users.length - emails.length + unsent.length;
    if (uninvited > 0)
      this.log(`  ${uninvited} have no invitation yet. To print one, run: haven user invite NAME`);
    if (unsent.length > 0) throw new ProblemsError(unsent);
    return answer;
  }

  /** One email after the other; one that fails keeps no other back. */
  async #sendInvitations(project: Project, emails: { name: string; sendTo: string }[]): Promise<Problem[]> {
    const unsent: Problem[] = [];
    for (const { name, sendTo } of emails) {
      const { sent } = await invite(project, name, { sendTo });
      if (sent?.why === undefined) this.log(`  Invitation for ${name} sent to ${sendTo}.`);
      else
        unsent.push({
          where: name,
          what: `the email to ${sendTo} was not sent: ${sent.why}`,
          remedy: `Run: haven user invite ${name} --send-to ${sendTo}`,
        });
    }
    return unsent;
  }

  #make(project: Project, users: NewUser[]): Promise<Omit<Output, 'invitation'>> {
    return askAgent({ ask: 'add', users, domain: project.config.domains[0]!.name }, project);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ProblemsError(
      [{ where: file, what: `can't be read: ${(error as Error).message}.`, remedy: 'Check its name.' }],
      'usage',
    );
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
    'usage',
  );
}
