import { type AgentLink, ifReachable } from '../../components/provider/agent-link.ts';
import type { Project } from './project.ts';
import { RunNote } from './run-note.ts';
import { findAddress } from './server-link.ts';
import type { Session } from './session.ts';
import { StateCopy } from './state-copy.ts';

/**
 * The state of a cloud under the deploy lock of its server: locked before it is read, and until its copy is stored.
 * Before there is a server, and while it can't be reached, there is no lock; our provider takes it with its first
 * change there, which the agent refuses if this state is not the newest.
 */
export class LockedState {
  readonly #copy: StateCopy;
  readonly #session: Session;
  readonly #agent: AgentLink | undefined;
  /** Did an earlier run end before the server had its state? */
  readonly #wasUnsent: boolean;

  private constructor(copy: StateCopy, session: Session, agent: AgentLink | undefined, wasUnsent: boolean) {
    this.#copy = copy;
    this.#session = session;
    this.#agent = agent;
    this.#wasUnsent = wasUnsent;
  }

  static async take(project: Project, session: Session, log: (text: string) => void): Promise<LockedState> {
    const { run, engine, agentSha256: agent } = session;
    const copy = new StateCopy(project, engine);
    run.noteBase({ state: copy.lastBase, agent });
    const link = await lockServer(project, session);
    if (!link) return new LockedState(copy, session, undefined, false);
    const { base, isUnsent } = await copy.follow(link.states, link.agent, log);
    run.noteBase({ state: base, agent });
    return new LockedState(copy, session, link.agent, isUnsent);
  }

  /** From now on this run changes the cloud. If the lock expired meanwhile, the state must still be the newest. */
  async beginChange(): Promise<void> {
    const agent = this.#agent;
    if (agent) await agent.takeLock(this.#session.run.claimOn(agent.host));
  }

  /** Stores what an earlier run did not, or what this one has taken up again. */
  async sendIfUnsent(): Promise<void> {
    if (this.#wasUnsent || (await this.#copy.isUnsent())) await this.send();
  }

  /** After a removal: the state of what was kept, unless its server was removed too, and the lock with it. */
  async sendIfServerRemains(): Promise<void> {
    const { engine, run } = this.#session;
    const resources = await engine.resources();
    if (resources.some((each) => each.type === 'hcloud:index/server:Server')) await this.send();
    else run.forgetLock();
  }

  /** Stores a copy on the server that was locked, or that this run made. */
  async send(madeAt?: string): Promise<void> {
    const { run, agentAt } = this.#session;
    const agent = madeAt === undefined ? this.#agent : agentAt(madeAt);
    if (agent) await this.#copy.send(agent, run.name, run.base.state);
  }
}

/** Takes the lock to read. Undefined where there is no server, or it can't be reached. */
export async function lockServer(project: Project, { run, agentAt }: Session) {
  const killed = new RunNote(project).begin(run.name);
  const address = await findAddress(project);
  if (address === undefined) return undefined;
  const agent = agentAt(address);
  return ifReachable(async () => {
    try {
      if (killed !== undefined) await agent.call(['deploy-lock-release', killed]);
      return { agent, states: await agent.takeLock(run.readingClaim(address)) };
    } catch (error) {
      run.forgetLock();
      throw error;
    }
  });
}
