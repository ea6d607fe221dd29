import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { Unreachable } from '../../components/provider/agent-link.ts';
import type { Project } from '../project/project.ts';
import { findAgent } from '../project/server-link.ts';

/**
 * Waits for a server that has just started: until its services are healthy, or the time is up. The next command then says
 * what is wrong.
 */
export async function waitUntilWell(project: Project, patienceMs = 120_000): Promise<void> {
  const end = Date.now() + patienceMs;
  while (Date.now() < end) {
    if (await isWell(project)) return;
    await sleep(1000);
  }
}

async function isWell(project: Project): Promise<boolean> {
  const agent = await findAgent(project, 3000);
  if (!agent) return true;
  try {
    const states = await agent.call<ServiceState[]>(['list']);
    return states.every(
      ({ release, open, healthy, switchedOff }) =>
        release === null || (open === null && (healthy || switchedOff)),
    );
  } catch (error) {
    if (error instanceof Unreachable) return false;
    throw error;
  }
}
