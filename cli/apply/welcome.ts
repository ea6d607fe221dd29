import { type MonthlyCost, renderAmount } from '../../core/plan/cost.ts';
import { firstUser } from '../../core/users/first-user.ts';
import { newUserSchema, type User } from '../../core/users/user.ts';
import { terminal } from '../output/terminal.ts';
import { describeInvitation, invite } from '../project/invite.ts';
import type { Project } from '../project/project.ts';
import { SecretStore } from '../project/secret-store.ts';
import { askAgent, hasUsers } from '../project/user-link.ts';

interface WelcomeOptions {
  cost: MonthlyCost | undefined;
  /** Can the owner be asked? An invitation is a secret, so none is made where nobody reads it, such as in CI. */
  mayAsk: boolean;
  log(text: string): void;
}

/** What an owner needs after the first `haven up`: their own login, and what to do next. */
export async function welcome(project: Project, { cost, mayAsk, log }: WelcomeOptions): Promise<void> {
  log('\n  Your cloud is running.');
  if (hasUsers(project)) {
    const users = await askAgent<User[]>({ ask: 'list' }, project);
    if (users.length === 0) await addOwner(project, { mayAsk, log });
  }
  log('\n  Next:');
  log('    Keep this folder (in a repository, for example) and a copy of its key, away from this computer:');
  log(`    ${SecretStore.keyFile(project.config.id)}`);
  if (hasUsers(project)) log('    Add others: haven user add NAME --given-name … --surname …');
  log('    See how it is: haven status   Be told when something is wrong: docs/owners/alarms.md');
  if (cost && !project.isSandbox)
    log(
      `    It costs ${renderAmount(cost, cost.vatPercent, `${cost.currency} a month`)}, until you run: haven destroy`,
    );
}

async function addOwner(
  project: Project,
  { mayAsk, log }: Pick<WelcomeOptions, 'mayAsk' | 'log'>,
): Promise<void> {
  const owner = firstUser(project.config.owner.name);
  const name = mayAsk ? await askName(owner.name) : undefined;
  if (name === undefined) {
    const names = `--given-name "${owner.givenName}" --surname "${owner.surname}" --group admins`;
    log(`  It has no users yet. To add yourself, run: haven user add ${owner.name} ${names}`);
    return;
  }
  const domain = project.config.domains[0]!.name;
  await askAgent({ ask: 'add', users: [{ ...owner, name }], domain }, project);
  for (const line of describeInvitation(await invite(project, name))) log(line);
}

/** Undefined after Ctrl-C: the cloud is there, and the owner can be added later. */
async function askName(suggested: string): Promise<string | undefined> {
  const validate = (typed: string) => {
    const parsed = newUserSchema.shape.name.safeParse(typed.trim());
    return parsed.success || `"${typed}" ${parsed.error.issues[0]!.message}.`;
  };
  const question = 'Your own login, as its administrator. The name you want to log in with:';
  try {
    return (await terminal.input(question, { default: suggested, validate })).trim();
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') return undefined;
    throw error;
  }
}
