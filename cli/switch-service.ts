import type { ServiceState } from '../steward/read.ts';
import type { SwitchTo } from '../steward/switch.ts';
import { chosenService } from './chosen-service.ts';
import { Project } from './project.ts';
import { stewardOf } from './server-link.ts';

/** Has the steward switch a service that was named on the command line; answers with how it is then. */
export async function switchService(
  name: string | undefined,
  command: string,
  to: SwitchTo,
): Promise<ServiceState> {
  const project = await Project.open();
  const service = chosenService(project, name, command);
  const steward = await stewardOf(project);
  return steward.call<ServiceState>(['switch', service, to]);
}
