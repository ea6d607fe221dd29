import type { UserRequest } from '../../agent/users/users.ts';
import { chosenServices } from '../../core/config/dependencies.ts';
import { nearest, ProblemsError } from '../../core/problem.ts';
import { dependencies, realm } from '../../core/users/login.ts';
import { type User, userName } from '../../core/users/user.ts';
import { Project } from './project.ts';
import { agentOf } from './server-link.ts';

/** Asks the agent of this cloud about its users. What is asked goes over standard input: no process list shows it. */
export async function askAgent<T>(request: UserRequest, project?: Project): Promise<T> {
  const agent = await agentOf(project ?? (await openWithUsers()));
  return agent.call<T>(['user'], JSON.stringify(request));
}

/** Does any service of this cloud have a login? */
export const hasUsers = (project: Project): boolean =>
  chosenServices(project.config, project.catalogue).includes(dependencies.login);

/** One user; says how to see the others where there is none of that name. */
export async function findUser(project: Project, name: string, command: string): Promise<User> {
  const users = await askAgent<User[]>({ ask: 'list' }, project);
  const found = users.find((each) => each.name === name);
  if (found) return found;
  const near = nearest(
    name,
    users.map((each) => each.name),
  );
  throw new ProblemsError([
    {
      where: `haven user ${command}`,
      what: `there is no user "${name}".`,
      remedy: near ? `Did you mean "${near}"?` : 'To see all users, run: haven user list',
    },
  ]);
}

/** This cloud, if it has a login and so users. */
export async function openWithUsers(): Promise<Project> {
  const project = await Project.open();
  if (hasUsers(project)) return project;
  throw new ProblemsError([
    {
      where: 'haven user',
      what: 'no service of this cloud has a login, so it has no users yet.',
      remedy: 'Add one that does, for example: haven service add gitea   Then run: haven up',
    },
  ]);
}

/** The name on the web of this cloud's login. */
export function loginHost(project: Project): string {
  const release = project.plan().releases.find((each) => each.service === dependencies.login)?.bundle.release;
  return release?.routes[0]?.host ?? '';
}

/** Where users log in and manage their password, passkeys and second factor. */
export const accountAddress = (project: Project): string =>
  `https://${loginHost(project)}/realms/${realm}/account/`;

/** The name of one user as it was typed; says what is wrong with it before the server is asked. */
export function typedName(typed: string, command: string): string {
  const parsed = userName.safeParse(typed);
  if (parsed.success) return parsed.data;
  throw new ProblemsError(
    [
      {
        where: `haven user ${command}`,
        what: `the name "${typed}" ${parsed.error.issues[0]!.message}.`,
        remedy: 'To see all names, run: haven user list',
      },
    ],
    'usage',
  );
}
