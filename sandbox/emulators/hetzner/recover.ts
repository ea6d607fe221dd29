import type { Project } from './project/project.ts';
import { removeServer } from './resources/server-removal.ts';

/** Brings what a project remembers in line with the machines that exist, before the first request. */
export async function recover(project: Project): Promise<void> {
  const { state, dataCentre } = project;
  // An action that was running when the last process ended has ended with it.
  for (const action of state.actions) if (action.status === 'running') action.status = 'error';
  await project.enforce();
  for (const server of [...state.servers]) {
    if (!(await dataCentre.has(server.id))) {
      console.log(`server ${server.id} is lost: its container does not exist. It counts as deleted.`);
      await removeServer(project, server.id);
    } else if (server.status === 'running') await dataCentre.powerOn(server.id);
  }
}
