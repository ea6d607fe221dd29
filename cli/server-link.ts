import { StewardLink } from '../components/provider/steward-link.ts';
import { ProblemsError } from '../core/problem.ts';
import type { Project } from './project.ts';
import { openSession } from './session.ts';

/** The address of this haven's server, from the state; says what to do where there is none. */
export async function serverAddress(project: Project): Promise<string> {
  const session = await openSession(project);
  try {
    const { ipv4 } = await session.engine.outputs();
    if (typeof ipv4 === 'string') return ipv4;
  } finally {
    session.close();
  }
  throw new ProblemsError([
    { where: project.config.domains[0]!.name, what: 'has no server yet.', remedy: 'Type: haven up' },
  ]);
}

export async function stewardOf(project: Project): Promise<StewardLink> {
  const { sshKey, hostKey } = await project.keys();
  return new StewardLink(await serverAddress(project), hostKey.public, sshKey.private, 8000);
}
