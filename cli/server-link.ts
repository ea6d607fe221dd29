import { HetznerApi } from '../components/hetzner-api.ts';
import { StewardLink } from '../components/provider/steward-link.ts';
import { ProblemsError } from '../core/problem.ts';
import type { Project } from './project.ts';
import { providerEnvironment } from './session.ts';

/** The address of this haven's server, from the provider itself; says what to do where there is none. */
export async function serverAddress(project: Project): Promise<string> {
  const address = await findAddress(project);
  if (address) return address;
  throw new ProblemsError([
    { where: project.config.domains[0]!.name, what: 'has no server yet.', remedy: 'Type: haven up' },
  ]);
}

async function findAddress(project: Project): Promise<string | undefined> {
  const hetzner = new HetznerApi(providerEnvironment(project));
  const labels = { haven: project.config.id, 'haven-part': `${project.plan().server.key}-ipv4` };
  const [address] = await hetzner.labelled<{ ip: string; assignee_id: number | null }>('primary_ips', labels);
  return address?.assignee_id ? address.ip : undefined;
}

export async function stewardOf(project: Project): Promise<StewardLink> {
  return linkTo(project, await serverAddress(project));
}

/** The steward, if there is a server that can have one. */
export async function findSteward(project: Project, patienceMs?: number): Promise<StewardLink | undefined> {
  const address = await findAddress(project);
  return address === undefined ? undefined : linkTo(project, address, patienceMs);
}

async function linkTo(project: Project, address: string, patienceMs = 8000): Promise<StewardLink> {
  const { sshKey, hostKey } = await project.keys();
  return new StewardLink(address, hostKey.public, sshKey.private, patienceMs);
}
