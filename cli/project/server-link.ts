import { HetznerApi } from '../../components/hetzner-api.ts';
import { AgentLink } from '../../components/provider/agent-link.ts';
import { serverKey } from '../../core/plan/plan.ts';
import { ProblemsError } from '../../core/problem.ts';
import { whileAsking } from '../output/asking.ts';
import type { Project } from './project.ts';
import { providerEnvironment } from './provider-environment.ts';

/** The address of this haven's server, from the provider itself; says what to do where there is none. */
export async function serverAddress(project: Project): Promise<string> {
  const address = await findAddress(project);
  if (address) return address;
  throw new ProblemsError([
    { where: project.config.domains[0]!.name, what: 'has no server yet.', remedy: 'Run: haven up' },
  ]);
}

/** The address of this haven's server, if there is one that can have an agent. */
export async function findAddress(project: Project): Promise<string | undefined> {
  const hetzner = new HetznerApi(providerEnvironment(project));
  const labels = { haven: project.config.id, 'haven-part': `${serverKey}-ipv4` };
  const [address] = await hetzner.labelled<{ ip: string; assignee_id: number | null }>('primary_ips', labels);
  return address?.assignee_id ? address.ip : undefined;
}

/** For how long a command tries to connect to a server that is expected to run. */
export const serverLimits = { patienceMs: 8000 };

/** Where the server's SSH listens. Servers that haven makes listen on 22; HAVEN_SSH_PORT names another. */
export const sshPort = (): number => Number(process.env.HAVEN_SSH_PORT ?? 22);

export async function agentOf(project: Project): Promise<AgentLink> {
  return linkTo(project, await whileAsking('Hetzner', () => serverAddress(project)));
}

/** The agent, if there is a server that can have one. */
export async function findAgent(project: Project, patienceMs?: number): Promise<AgentLink | undefined> {
  const address = await findAddress(project);
  return address === undefined ? undefined : linkTo(project, address, patienceMs);
}

async function linkTo(
  project: Project,
  address: string,
  patienceMs = serverLimits.patienceMs,
): Promise<AgentLink> {
  const { sshKey, hostKey } = await project.keys();
  return new AgentLink(address, hostKey.public, sshKey.private, { patienceMs, port: sshPort() });
}
