import type { Project } from './project.ts';
import { findAgent } from './server-link.ts';
import type { Session } from './session.ts';
import { takeNewerState } from './state-copy.ts';

/** Takes the server's copy of the state, where that is newer than ours. */
export async function shareState(
  project: Project,
  session: Session,
  log: (text: string) => void,
): Promise<void> {
  const taken = await takeNewerState(project, session.engine, await findAgent(project, 3000));
  if (taken)
    log(
      `  The state of this cloud was taken from its server (copy ${taken}): it was changed from elsewhere.`,
    );
}
