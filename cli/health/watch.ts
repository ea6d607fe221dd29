import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { AgentLink } from '../../components/provider/agent-link.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { ProblemsError } from '../../core/problem.ts';
import { lookAtServices, tryLogins } from './look-at-services.ts';
import type { ServiceStatus } from './service-status.ts';

const patienceMs = 20_000;

/**
 * Checks everything (or `only` one service) once more after a deploy, when visitors can come in again, and tries the
 * logins of the services that are named. A service that fails now may already have accepted something, so nothing is rolled back automatically: an error
 * says what to run.
 */
export async function watch(
  plan: Plan,
  agent: AgentLink,
  logins: string[],
  only?: string,
): Promise<ServiceStatus[]> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const states = await agent.call<ServiceState[]>(['list']);
    const watched = states.filter(({ service }) => only === undefined || service === only);
    const all = await lookAtServices(plan, watched, agent.host);
    const looked = all.filter((each) => !each.good);
    // Logins are tried only when the services answer.
    const bad = looked.length > 0 ? looked : (await tryLogins(agent, logins)).filter((each) => !each.good);
    if (bad.length === 0) return all;
    if (Date.now() < end) {
      await sleep(1000);
      continue;
    }
    throw new ProblemsError(
      bad.map(({ service, evidence }) => ({
        where: service,
        what: `has a problem, and visitors can reach it already: ${evidence}. What it accepted since then is kept, so it is not rolled back automatically.`,
        remedy: `To go back to the previous version, run: haven rollback ${service}   To see why: haven logs ${service}`,
      })),
    );
  }
}
