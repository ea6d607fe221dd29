import type { AlarmList } from '../../agent/alarms/alarm-commands.ts';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { ServerState } from '../../agent/server/server-look.ts';
import { ApiError, ApiUnreachable } from '../../components/api-call.ts';
import type { AgentLink } from '../../components/provider/agent-link.ts';
import { Unreachable } from '../../components/provider/agent-link.ts';
import { lookAtDisks } from '../health/storage.ts';
import type { Project } from '../project/project.ts';
import { findAddress, findAgent } from '../project/server-link.ts';
import { type Finding, found } from './finding.ts';
import { judgeServer, type ServerFacts } from './server.ts';

/** How long the server has to answer the first time. */
const patienceMs = 8000;

/** Asks the provider for the server, and the server itself. Without one there is nothing to find yet. */
export async function lookAtServer(project: Project, own: string): Promise<Finding[]> {
  const finding = found('server', 'Server', 'your services', '');
  let address: string | undefined;
  try {
    address = await findAddress(project);
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof ApiUnreachable)) throw error;
    const isRefused = error instanceof ApiError && error.status < 500;
    const evidence = error.message;
    const remedy = isRefused
      ? 'Create a new token, then run: haven secret set hcloud-token'
      : 'Check your connection.';
    return [{ ...finding, state: isRefused ? 'missing' : 'unreachable', evidence, remedy }];
  }
  if (address === undefined)
    return [{ ...finding, state: 'later', evidence: 'there is none yet', remedy: '"haven up" creates it.' }];
  const agent = await findAgent(project, patienceMs);
  try {
    return agent ? judgeServer(await ask(agent, address), own) : [];
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const evidence = `${address} does not answer: ${error.message}`;
    const remedy = 'Check that it is running. If your network blocks SSH, use another one.';
    return [{ ...finding, state: 'unreachable', evidence, remedy }];
  } finally {
    agent?.close();
  }
}

async function ask(agent: AgentLink, address: string): Promise<ServerFacts> {
  const hello = await agent.call<ServerFacts['hello']>(['hello']);
  const asked = Date.now();
  const { now } = await agent.call<{ now: number }>(['clock']);
  const heard = Date.now();
  const { services, server } = await agent.call<{ services: ServiceState[]; server: ServerState }>(['look']);
  const disks = await lookAtDisks(agent);
  const alarms = await agent.call<AlarmList>(['alarm-list']);
  return { address, hello, clock: { asked, now, heard }, disks, services, server, alarms };
}
