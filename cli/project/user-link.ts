import type { UserRequest } from '../../agent/users/users.ts';
import { chosenServices } from '../../core/config/dependencies.ts';
import { type Problem, ProblemsError } from '../../core/problem.ts';
import { dependencies, realm } from '../../core/users/login.ts';
import { userName } from '../../core/users/user.ts';
import { Project } from './project.ts';
import { agentOf } from './server-link.ts';

/** Asks the agent of this cloud about its users. What is asked goes over standard input: no process list shows it. */
export async function askAgent<T>(request: UserRequest, project?: Project): Promise<T> {
  const agent = await agentOf(project ?? (await openWithUsers()));
  return agent.call<T>(['user'], JSON.stringify(request));
}

/** Does anything in this cloud take a login? */
export const hasUsers = (project: Project): boolean =>
  chosenServices(project.config, project.catalogue).includes(dependencies.login);

/** This cloud, if it has a login and so users. */
export async function openWithUsers(): Promise<Project> {
  const project = await Project.open();
  if (hasUsers(project)) return project;
  throw new ProblemsError([
    {
      where: 'haven user',
      what: 'nothing in this cloud takes a login, so it has no users yet.',
      remedy: 'Add a service that does, for example: haven service add gitea   then: haven up',
    },
  ]);
}

/** The name on the web of this cloud's login. */
export function loginHost(project: Project): string {
  const release = project.plan().releases.find((each) => each.service === dependencies.login)?.bundle.release;
  return release?.routes[0]?.host ?? '';
}

/** Where somebody logs in and keeps their password, passkeys and second factor. */
export const accountAddress = (project: Project): string =>
  `https://${loginHost(project)}/realms/${realm}/account/`;

/** The name of one user as it was typed; says what is wrong with it before anybody is asked. */
export function typedName(typed: string | undefined, command: string): string {
  const problem: Problem = {
    where: `haven user ${command}`,
    what: 'who?',
    remedy: 'Type a name: haven user list shows them.',
  };
  if (typed === undefined) throw new ProblemsError([problem]);
  const parsed = userName.safeParse(typed);
  if (parsed.success) return parsed.data;
  throw new ProblemsError([
    {
      ...problem,
      what: `the name "${typed}" ${parsed.error.issues[0]!.message}.`,
      remedy: 'Type another name.',
    },
  ]);
}
