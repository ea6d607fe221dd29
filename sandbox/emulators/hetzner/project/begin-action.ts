import type { Project } from './project.ts';
import type { Action } from './state.ts';

/**
 * Starts something that takes time. It goes on after the answer, and clients poll the action until it ends. Answers
 * with the action as it is now: running.
 */
export function beginAction(
  project: Project,
  command: string,
  resources: Action['resources'],
  work: () => Promise<void> = async () => undefined,
): Action {
  const action: Action = {
    id: project.newId(),
    command,
    status: 'running',
    progress: 0,
    started: new Date().toISOString(),
    finished: null,
    error: null,
    resources,
  };
  project.state.actions.push(action);
  void finish(project, action, work);
  return { ...action };
}

async function finish(project: Project, action: Action, work: () => Promise<void>): Promise<void> {
  try {
    await Promise.all([work(), new Promise((resolve) => setTimeout(resolve, project.delayMs))]);
    action.status = 'success';
  } catch (error) {
    console.error(`action ${action.command}:`, error);
    action.status = 'error';
    action.error = {
      code: 'action_failed',
      message: error instanceof Error ? error.message : String(error),
    };
  }
  action.progress = 100;
  action.finished = new Date().toISOString();
  project.save();
}

/** Waits until a server has been created: what is done to it comes after that. */
export async function waitForServer(project: Project, serverId: number): Promise<void> {
  const isBeingCreated = ({ status, command, resources }: Action) =>
    status === 'running' && command === 'create_server' && resources[0]?.id === serverId;
  while (project.state.actions.some(isBeingCreated)) await new Promise((resolve) => setTimeout(resolve, 50));
}
