import { providerEnvironment } from '../../cli/project/provider-environment.ts';
import { sshPort } from '../../cli/project/server-link.ts';
import { accountOf, type Session, type SessionEngine, sessions } from '../../cli/project/session.ts';
import { AgentLink } from '../../components/provider/agent-link.ts';
import { RunFolder } from '../../components/provider/run-folder.ts';
import { serverLooks } from '../../components/provider/server-look.ts';
import type { PlannedRecord } from '../../core/dns/record.ts';
import type { Change } from '../../core/plan/changes.ts';
import { newAccountKey } from '../../stacks/acme-account.ts';
import type { EngineResult } from '../../stacks/engine-events.ts';

/** What a stub engine says that would change, or changes. */
export interface StubEngine {
  changes: Change[];
  errors: string[];
  /** What goes wrong only when it carries something out. */
  upErrors: string[];
  /** The names of changes that it carries out although there are such errors. */
  done: string[];
  /** What the state holds, for `haven destroy`. */
  resources: Awaited<ReturnType<SessionEngine['resources']>>;
  /** What could not be asked. */
  unverified: { what: string; why: string; since: string }[];
  /** The state in text. */
  state: string;
  /** Is an account at the authority registered for real? */
  registers: boolean;
  /** What was planned last, after something was learnt. */
  records: PlannedRecord[];
  /** The secrets that the run has for the server. */
  given: (name: string) => string | undefined;
  /** What it was told to do, in order. */
  readonly told: string[];
}

/**
 * Puts a stub in the place of the engine for commands that are typed from now on: it carries nothing out. All else is
 * real: the plan, the look at the emulated providers, the questions, what is shown.
 */
export function stubSessions(): StubEngine {
  const stub: StubEngine = {
    changes: [],
    errors: [],
    upErrors: [],
    done: [],
    resources: [],
    unverified: [],
    state: '{}',
    registers: false,
    records: [],
    given: () => undefined,
    told: [],
  };
  const result = (): EngineResult => ({
    changes: stub.changes,
    drifted: [],
    outputs: { ipv4: '127.0.0.1' },
    errors: stub.errors,
  });
  const told = async <T>(what: string, answer: T): Promise<T> => {
    stub.told.push(what);
    return answer;
  };
  const engine: SessionEngine = {
    isVerified: true,
    preview: (_, { only } = {}) => told(only ? `preview ${only}` : 'preview', result()),
    up: (onEvent, { only }) => {
      const errors = [...stub.errors, ...stub.upErrors];
      for (const change of stub.changes) {
        const isDone = errors.length === 0 || stub.done.includes(change.name);
        onEvent({ event: 'begun', change });
        onEvent({ event: isDone ? 'done' : 'failed', change });
      }
      return told(only ? `up ${only}` : 'up', { ...result(), errors });
    },
    destroy: (_, { withData }) => told(withData ? 'destroy with data' : 'destroy', result()),
    recover: async () => ({ adopted: [], forgotten: [] }),
    resources: async () => stub.resources,
    adoptRecords: async () => undefined,
    forgetRecords: async () => undefined,
    exportState: async () => stub.state,
    importState: async (text) => {
      stub.state = text;
    },
  };
  sessions.with = async (project): Promise<Session> => {
    const secrets = { sshKey: '', acmeAccountKey: '', passphrase: '', given: {}, acmeTrust: '' };
    const run = RunFolder.create(secrets, new Map());
    run.unverified = () => stub.unverified;
    const given = new Map<string, string>();
    run.putGiven = (name, value) => {
      given.set(name, value);
    };
    stub.given = (name) => given.get(name);
    const keys = await project.keys();
    let plan = project.plan();
    return {
      get plan() {
        return plan;
      },
      replanRecords: () => {
        plan = project.plan();
        stub.records = plan.records;
      },
      engine,
      run,
      environment: providerEnvironment(project),
      agentSha256: 'stub',
      agentAt: (host) =>
        new AgentLink(host, keys.hostKey.public, keys.sshKey.private, { port: sshPort(), patienceMs: 0 }),
      takePlaces: () => undefined,
      register: async (what) => {
        if (stub.registers) await accountOf(project, await newAccountKey(), what);
        return { isReplaced: false };
      },
      close: async () => {
        run.remove();
        serverLooks.forget();
      },
    };
  };
  return stub;
}
