import type { CheckedLogin } from '../../agent/checks/release-checks.ts';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { AgentLink } from '../../components/provider/agent-link.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { ReleaseRoute } from '../../core/release/release.ts';
import { lookAtWeb } from '../../system/web-look.ts';
import type { Project } from '../project/project.ts';
import { hasUsers } from '../project/user-link.ts';

/** How a service does, with what was seen. */
export interface ServiceStatus {
  service: string;
  good: boolean;
  evidence: string;
  url?: string;
}

/**
 * Looks at each service that serves: through the reverse proxy as a visitor would, else at its containers. With an
 * address it doesn't ask the DNS, which may not have told everybody yet.
 */
export async function lookAtServices(
  plan: Plan,
  states: ServiceState[],
  at?: string,
): Promise<ServiceStatus[]> {
  const serving = states.filter((each) => each.release !== null);
  return Promise.all(
    serving.map(async (state) => {
      const release = plan.releases.find((each) => each.service === state.service)?.bundle.release;
      if (state.switchedOff) return switchedOff(state);
      const route = release?.routes[0];
      return route ? throughReverseProxy(state, route, at) : atContainers(state);
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

/** Does the account let this cloud in by which it sends, if it has one? Asked of its server; nothing is sent. */
export async function trySending(project: Project, agent: AgentLink): Promise<ServiceStatus[]> {
  if (!project.config.sending || !hasUsers(project)) return [];
  const { server, why } = await agent.call<{ server?: string; why?: string }>(['try-sending']);
  if (!server) return [];
  const service = 'sending';
  if (why === undefined) return [{ service, good: true, evidence: `${server} takes letters of this cloud` }];
  const remedy =
    'Look at "sending" in haven.yaml; its password: haven secret set sending-password, then haven up';
  return [{ service, good: false, evidence: `${server} does not let this cloud in: ${why}. ${remedy}` }];
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
      return seen(false, `${url} answers ${look.status} to a stranger, and should lead to the login`);
    const days = Math.floor((Date.parse(look.notAfter) - Date.now()) / 86_400_000);
    return seen(
      look.status < 500 && state.healthy,
      `${url} answers ${look.status} from ${look.address}; certificate of ${look.issuer}, valid for ${days} more days${state.healthy ? '' : `; its containers are not all healthy. Type: haven logs ${service}`}`,
    );
  } catch (error) {
    return seen(false, `${url}: ${error instanceof Error ? error.message : error}`);
  }
}

/** That is what its owner wanted, so nothing is wrong. */
const switchedOff = ({ service }: ServiceState): ServiceStatus => ({
  service,
  good: true,
  evidence: `is switched off. To switch it on, type: haven start ${service}`,
});

const atContainers = (state: ServiceState): ServiceStatus => ({
  service: state.service,
  good: state.healthy && !state.inMaintenance,
  evidence: state.healthy
    ? 'its containers are up and healthy'
    : `its containers are not all healthy. Type: haven logs ${state.service}`,
});
