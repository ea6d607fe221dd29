import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { AgentLink } from '../../components/provider/agent-link.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { ProblemsError } from '../../core/problem.ts';
import { lookAtServices, type ServiceStatus, tryLogins } from './look-at-services.ts';

const patienceMs = 20_000;

/**
 * Looks at everything once more after a deploy, after maintenance, when strangers come in, and tries the logins of the
 * services that are named. A service that fails now has perhaps accepted something already, so nothing is rolled back
 * automatically: an error says what to run.
 */
export async function watch(plan: Plan, agent: AgentLink, logins: string[]): Promise<ServiceStatus[]> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const all = await lookAtServices(plan, await agent.call<ServiceState[]>(['list']), agent.host);
    const looked = all.filter((each) => !each.good);
    // Whether users get in is asked when there is something to get in to.
    const bad = looked.length > 0 ? looked : (await tryLogins(agent, logins)).filter((each) => !each.good);
    if (bad.length === 0) return all;
    if (Date.now() < end) {
      await sleep(1000);
      continue;
    }
    throw new ProblemsError(
      bad.map(({ service, evidence }) => ({
        where: service,
        what: `is not well, and it is out of maintenance: ${evidence}. What it accepted since is kept, so it is not taken back by itself.`,
        remedy: `To put the former release back, type: haven rollback ${service}   To look closer: haven logs ${service}`,
      })),
    );
  }
}
