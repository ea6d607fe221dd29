import type { AliasAnswer, AliasRequest } from '../../agent/users/aliases.ts';
import { type Alias, isCatchAll } from '../../core/addresses/address-book.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { Project } from './project.ts';
import { askAgent, openWithUsers } from './user-link.ts';

/** A cloud with users, and the domains whose mail it receives: none without a service for mail. */
export async function openAddresses(): Promise<{ project: Project; domains: string[] }> {
  const project = await openWithUsers();
  return { project, domains: project.plan().mail?.domains ?? [] };
}

/** The same, where a new address would be without effect without mail. */
export async function openWithMail(): Promise<{ project: Project; domains: string[] }> {
  const opened = await openAddresses();
  if (opened.domains.length > 0) return opened;
  throw new ProblemsError([
    {
      where: 'haven alias add',
      what: 'this cloud has no service for mail.',
      remedy: 'To see which services there are, run: haven service list',
    },
  ]);
}

/** Adds or removes an address. Throws everything that is wrong with it at once; nothing was changed then. */
export async function changeAlias(
  project: Project,
  request: Exclude<AliasRequest, { ask: 'aliases' }>,
): Promise<Alias> {
  const answer = await askAgent<AliasAnswer>(request, project);
  if ('problems' in answer) throw new ProblemsError(answer.problems);
  return answer.alias;
}

/** An address and where its email goes, as a sentence begins. */
export const describeAddress = ({ address }: Alias): string =>
  isCatchAll(address) ? `Email to any other address in ${address.slice(1)}` : `Email to ${address}`;
