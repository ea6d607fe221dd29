import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { SwitchTo } from '../../agent/operations/switch.ts';
import { chosenService } from './chosen-service.ts';
import { Project } from './project.ts';
import { agentOf } from './server-link.ts';

/** Has the agent switch a service that was named on the command line; answers with how it is then. */
export async function switchService(
  name: string | undefined,
  command: string,
  to: SwitchTo,
): Promise<ServiceState> {
  const project = await Project.open();
  const service = chosenService(project, name, command);
  const agent = await agentOf(project);
  return agent.call<ServiceState>(['switch', service, to]);
}
