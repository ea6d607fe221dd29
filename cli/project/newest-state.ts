import type { StateLook } from '../../agent/server/state-calls.ts';
import { type AgentLink, ifReachable, Unreachable } from '../../components/provider/agent-link.ts';
import { serverLooks } from '../../components/provider/server-look.ts';
import type { StateVerdict } from '../../core/operations/state-history.ts';
import type { ShownPlan } from '../output/print-plan.ts';
import type { Project } from './project.ts';
import { findAddress } from './server-link.ts';
import type { Session } from './session.ts';
import { describeVerdict, StateCopy } from './state-copy.ts';

/**
 * Makes a plan from the newest state, without a lock. The server is asked for its copy at the same time, since that is
 * newer only where the cloud was changed from another folder: then it is taken, and the plan is made again. A plan
 * that could not be made from the newest state says so.
 */
export async function planByNewestState<T extends { shown: ShownPlan }>(
  project: Project,
  session: Session,
  log: (text: string) => void,
  make: () => Promise<T>,
): Promise<T> {
  const copy = new StateCopy(project, session.engine);
  const [asked, planned] = await Promise.allSettled([lookAhead(project, session), make()]);
  if (asked.status === 'rejected') throw asked.reason;
  const server = asked.value;
  if (!server) return unwrap(planned);
  const { held } = server.states;
  const isChanging = held?.stage === 'changing';
  const verdict = await copy.compare(
    { ...server.states, ...(isChanging ? { unsent: null } : {}) },
    server.agent,
  );
  if (verdict.kind === 'older') {
    await copy.take(verdict.newest, server.agent, log);
    return make();
  }
  const made = unwrap(planned);
  const why = isChanging ? `${held.holder} is changing this cloud now` : staleness(verdict);
  if (why) made.shown.unverified.push({ what: 'the state of this cloud', why, since: copy.lastSeen });
  return made;
}

function staleness(verdict: StateVerdict): string | undefined {
  if (verdict.kind !== 'elsewhere' && verdict.kind !== 'diverged') return undefined;
  const { what, remedy } = describeVerdict(verdict);
  return `${what} ${remedy}`;
}

function unwrap<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** What the server has, if there is one and it answers. */
export const look = (project: Project, session: Session) => lookBy(project, session, askForStates);

/** The same, from the answer to what a plan asks anyway. One that has nothing of it, or failed, is asked for this alone. */
const lookAhead = (project: Project, session: Session) =>
  lookBy(project, session, async (agent) => {
    try {
      const { states } = await serverLooks.askAhead(agent);
      if (states) return states;
    } catch (error) {
      if (error instanceof Unreachable) throw error;
    }
    return askForStates(agent);
  });

const askForStates = (agent: AgentLink): Promise<StateLook> => agent.ask(['state-look']);

async function lookBy(
  project: Project,
  { agentAt }: Session,
  ask: (agent: AgentLink) => Promise<StateLook>,
): Promise<{ states: StateLook; agent: AgentLink } | undefined> {
  const address = await findAddress(project);
  if (address === undefined) return undefined;
  const agent = agentAt(address);
  return ifReachable(async () => ({ agent, states: await ask(agent) }));
}
