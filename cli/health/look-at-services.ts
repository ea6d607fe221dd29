import type { CheckedLogin } from '../../agent/checks/release-checks.ts';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { AgentLink } from '../../components/provider/agent-link.ts';
import { sendingRemedy } from '../../core/config/sending.ts';
import type { WayMemory } from '../../core/mail/choose-way.ts';
import { judgeRelay } from '../../core/mail/relay-answer.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { ReleaseRoute } from '../../core/release/release.ts';
import { lookAtWeb } from '../../system/web-look.ts';
import type { Project } from '../project/project.ts';
import { hasUsers } from '../project/user-link.ts';
import type { ServiceStatus } from './service-status.ts';
import { describeFullData } from './storage.ts';

/**
 * Checks each running service: through the reverse proxy like a visitor, or by its containers where it has no page. With an
 * address it doesn't ask the DNS, which may not have spread yet.
 */
export async function lookAtServices(
  plan: Plan,
  states: ServiceState[],
  at?: string,
): Promise<ServiceStatus[]> {
  const serving = states.filter((each) => each.release !== null || each.problem);
  return Promise.all(
    serving.map(async (state) => {
      const release = plan.releases.find((each) => each.service === state.service)?.bundle.release;
      if (state.problem) return withProblem(state, state.problem);
      const route = release?.routes.find(({ port }) => port !== undefined);
      if (state.switchedOff) return withData(state, switchedOff(state));
      return withData(state, route ? await throughReverseProxy(state, route, at) : atContainers(state));
    }),
  );
}

/**
 * Logs in to the services that are named, or to all that take a login: as a user, an administrator and a stranger. The
 * server does it.
 */
export async function tryLogins(agent: AgentLink, services?: string[]): Promise<ServiceStatus[]> {
  if (services?.length === 0) return [];
  const tried = await agent.call<CheckedLogin[]>(['check-logins', ...(services ?? [])]);
  return tried.map(({ service, why }) => ({
    service,
    good: why === undefined,
    evidence: why ?? 'users, and nobody else, can log in',
  }));
}

/** Whether the account for sending email lets this cloud in, if there is one. Asks its server; sends nothing. */
export async function trySending(project: Project, agent: AgentLink): Promise<ServiceStatus[]> {
  const { sending } = project;
  if (!sending || !hasUsers(project)) return [];
  const { server, why } = await agent.call<{ server?: string; why?: string }>(['try-sending']);
  if (!server) return [];
  const service = 'sending';
  if (why === undefined)
    return [{ service, good: true, evidence: `${server} accepts email from this cloud` }];
  const evidence = `${server} does not let this cloud in: ${why}. ${sendingRemedy(sending)}`;
  return [{ service, good: false, evidence }];
}

/** How email of a cloud with a relay leaves. Has the server find out, if its release is new. Sends nothing. */
export async function lookAtMailWay(
  { mail }: Pick<Plan, 'mail'>,
  agent: Pick<AgentLink, 'call'>,
): Promise<ServiceStatus[]> {
  const relay = mail?.sending.relay;
  if (!relay) return [];
  const memory = await agent.call<WayMemory | null>(['mail-way']);
  if (!memory) return [];
  const service = 'sending';
  if (memory.way === 'direct')
    return [{ service, good: true, evidence: 'goes directly to other mail servers' }];
  const judged = memory.relay && judgeRelay(relay, memory.relay.answer);
  if (!judged || judged.result === 'good')
    return [{ service, good: true, evidence: `goes by the relay ${relay.host}` }];
  return [{ service, good: false, evidence: `${judged.what} ${judged.evidence}. ${judged.remedy}` }];
}

async function throughReverseProxy(
  state: ServiceState,
  { host, protected: isProtected }: ReleaseRoute,
  at: string | undefined,
): Promise<ServiceStatus> {
  const { service } = state;
  const url = `https://${host}/`;
  const seen = (good: boolean, evidence: string): ServiceStatus => ({ service, good, url, evidence });
  if (state.inMaintenance) return seen(false, `${url} is being changed (operation ${state.open})`);
  try {
    const look = await lookAtWeb(host, '/', { at });
    if (isProtected && look.status < 500 && look.status !== 302)
      return seen(false, `${url} answers ${look.status} to a stranger, but should lead to the login`);
    const days = Math.floor((Date.parse(look.notAfter) - Date.now()) / 86_400_000);
    return seen(
      look.status < 500 && state.healthy,
      `${url} answers ${look.status} from ${look.address}; certificate of ${look.issuer}, valid for ${days} more days${state.healthy ? '' : `; not all of its containers are healthy. Run: haven logs ${service}`}`,
    );
  } catch (error) {
    return seen(false, `${url}: ${error instanceof Error ? error.message : error}`);
  }
}

const withProblem = ({ service }: ServiceState, problem: string): ServiceStatus => ({
  service,
  good: false,
  evidence: problem,
});

function withData(state: ServiceState, status: ServiceStatus): ServiceStatus {
  const { good, text } = describeFullData(state);
  return { ...status, good: status.good && good, evidence: `${status.evidence}${text}` };
}

/** Its owner wanted that, so nothing is wrong. */
const switchedOff = ({ service }: ServiceState): ServiceStatus => ({
  service,
  good: true,
  evidence: `is stopped. To start it, run: haven start ${service}`,
});

const atContainers = (state: ServiceState): ServiceStatus => ({
  service: state.service,
  good: state.healthy && !state.inMaintenance,
  evidence: state.healthy
    ? 'its containers are up and healthy'
    : `not all of its containers are healthy. Run: haven logs ${state.service}`,
});
