import type { DeployOrder } from '../../agent/operations/deploy.ts';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { renderDeployCall } from '../../core/operations/deploy-call.ts';
import type { Entry } from '../../core/operations/entries.ts';
import { whyUndone } from '../../core/operations/why-undone.ts';
import { newOperationId } from '../../system/new-operation-id.ts';
import { ConnectionLost } from '../../system/ssh.ts';
import { type AgentLink, agentOf, orUnverified, Unreachable } from './agent-link.ts';
import { bringImages } from './bring-images.ts';
import { changedOf } from './changed-of.ts';
import { RunFolder } from './run-folder.ts';
import type { Properties, ResourceHandler } from './serve.ts';
import { serverLooks } from './server-look.ts';

/**
 * A release as a Pulumi resource: `read` asks the agent, `diff` compares hashes only, `update` applies. So refresh
 * and preview show what is really running, and a rollback is an ordinary change.
 */
interface ReleaseInputs {
  host: string;
  hostKey: string;
  service: string;
  hash: string;
  /** By the name of the data, in GB. */
  quotas: Record<string, number>;
  /** What a plan shows of it; holds no secret. */
  summary: Properties;
}

export const releaseHandler: ResourceHandler = {
  diff(_id, outputs, inputs) {
    const replaces = inputs.service === outputs.service ? [] : ['service'];
    // The server's address may change; that alone changes nothing on the server.
    const changed = inputs.hash === outputs.hash && outputs.healthy !== false ? [] : ['hash'];
    changed.push(...changedOf(['quotas'], outputs, inputs));
    if (((outputs.differs as string[] | undefined) ?? []).length > 0) changed.push('differs');
    return { changed: [...changed, ...replaces], replaces, deleteBeforeReplace: replaces.length > 0 };
  },
  async create(inputs, preview) {
    const wanted = inputs as unknown as ReleaseInputs;
    return {
      id: wanted.service,
      outputs: {
        ...inputs,
        healthy: true,
        differs: [],
        ...(preview ? {} : await apply(wanted, wanted.hash)),
      },
    };
  },
  async read(id, outputs, inputs) {
    return orUnverified(`release ${id}`, { id, outputs, inputs }, async () => {
      const state = await serverLooks.service(agentOf({ ...outputs, ...inputs }, 3000), id);
      if (!state || state.release === null) return undefined;
      const seen = {
        ...outputs,
        hash: state.release,
        healthy: state.healthy || (state.switchedOff && !state.problem),
        differs: state.differs,
        stoppedSeconds: state.stoppedSeconds ?? undefined,
      };
      const quotas = seenQuotas(inputs as unknown as ReleaseInputs, state);
      return { id, outputs: { ...seen, quotas }, inputs: { ...inputs, hash: state.release, quotas } };
    });
  },
  async update(_id, outputs, inputs, preview) {
    const wanted = inputs as unknown as ReleaseInputs;
    return {
      ...outputs,
      ...inputs,
      healthy: true,
      differs: [],
      ...(preview ? {} : await apply(wanted, wanted.hash)),
    };
  },
  async delete(id, outputs) {
    await apply({ ...(outputs as unknown as ReleaseInputs), service: id }, null);
  },
};

/** The quotas that are in force. A volume without quotas, and data that is not there yet, say nothing about them. */
function seenQuotas({ quotas }: ReleaseInputs, state: ServiceState): Record<string, number | null> {
  const seen = new Map(state.quotas.map(({ name, quotaGb }) => [name, quotaGb]));
  return Object.fromEntries(
    Object.entries(quotas ?? {}).map(([name, gb]) => [name, seen.has(name) ? seen.get(name)! : gb]),
  );
}

/**
 * Sends the bundle and has it applied. Throws with the agent's own reason when it was undone. Returns what was
 * measured: how long the service was unavailable, which the next plan shows for a similar change.
 */
async function apply(wanted: ReleaseInputs, to: string | null): Promise<Properties> {
  const run = RunFolder.fromEnvironment();
  const agent = agentOf(wanted as unknown as Properties);
  const { service } = wanted;
  serverLooks.forget();
  if (to !== null) await bringImages(agent, run, run.bundle(to).release);
  const op = newOperationId();
  const { state, entries } = await carryOut(agent, { service, op, to, quotas: wanted.quotas }, run);
  // It was already as wanted, so nothing was done.
  if (entries.length === 0) return measured(state);
  const finished = entries.findLast((each) => each.entry === 'finished');
  if (finished?.entry === 'finished' && finished.outcome === 'committed') return measured(state);
  throw new Error(whyUndone(service, state.release, entries));
}

const measured = (state: ServiceState): Properties => ({
  verifiedAt: new Date().toISOString(),
  ...(state.stoppedSeconds === null ? {} : { stoppedSeconds: state.stoppedSeconds }),
});

function orderOf(run: RunFolder, to: string | null, quotas: Record<string, number>): DeployOrder {
  if (to === null) return { quotas: {}, given: [] };
  const bundle = run.bundle(to);
  const given = Object.entries(bundle.release.secrets).flatMap(([name, { generation, given }]) => {
    const value = given === undefined ? undefined : run.given(given);
    return value === undefined ? [] : [{ name, generation, value }];
  });
  return { bundle, quotas, given };
}

/**
 * Starts the deploy on the agent and follows it to its end. After a lost connection it reconnects, because the
 * operation continues on the server.
 */
async function carryOut(
  agent: AgentLink,
  {
    service,
    op,
    to,
    quotas,
  }: { service: string; op: string; to: string | null; quotas: Record<string, number> },
  run: RunFolder,
): Promise<{ state: ServiceState; entries: Entry[] }> {
  const entries: Entry[] = [];
  /** Reads one call's output from the start, and skips what an earlier call already reported. */
  const listener = () => {
    let index = 0;
    return (line: string): void => {
      const said = JSON.parse(line) as Entry | ServiceState;
      if (!('entry' in said)) return;
      index += 1;
      if (index <= entries.length) return;
      entries.push(said);
      run.noteProgress(service, line);
    };
  };
  const claim = run.claimOn(agent.host);
  const words = renderDeployCall({ service, to, op, claim });
  try {
    const order = JSON.stringify(orderOf(run, to, quotas));
    return { state: await agent.call<ServiceState>(['deploy', ...words], order, listener()), entries };
  } catch (error) {
    if (!isLost(error)) throw error;
  }
  for (let broken = 0; broken < 20; broken++) {
    try {
      await agent.call(['follow', service, op, JSON.stringify(claim)], '', listener());
      return { state: await agent.call<ServiceState>(['read', service]), entries };
    } catch (error) {
      if (!isLost(error) && !(error instanceof Unreachable)) throw error;
    }
  }
  throw new Error(
    `The connection to the server was lost and could not be restored. The operation continues on the server. Run: haven up`,
  );
}

/** Whether an established connection was lost. */
const isLost = (error: unknown): boolean =>
  error instanceof ConnectionLost || /ECONNRESET|Keepalive/.test(String(error));
