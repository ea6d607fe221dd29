import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { SwitchTo } from '../../agent/operations/switch.ts';
import type { Project } from './project.ts';
import { agentOf } from './server-link.ts';

/** Has the agent start, stop or restart a service; answers with its state afterwards. */
export async function switchService(project: Project, service: string, to: SwitchTo): Promise<ServiceState> {
  const agent = await agentOf(project);
  return agent.call<ServiceState>(['switch', service, to]);
}
