import { randomBytes } from 'node:crypto';
import type { ServiceState } from '../../steward/read.ts';
import type { Entry, Outcome } from '../../steward/transaction.ts';
import { RunFolder } from './run-folder.ts';
import type { Properties, ResourceHandler } from './serve.ts';
import { orUnverified, type StewardLink, stewardOf, Unreachable } from './steward-link.ts';

/**
 * A release as a Pulumi resource: `read` asks the steward, `diff` goes by the hash alone, `update` applies. So refresh
 * and preview tell what really serves, and rolling back is an ordinary change.
 */
interface ReleaseInputs {
  host: string;
  hostKey: string;
  service: string;
  hash: string;
  /** What a plan shows of it; holds no secret. */
  summary: Properties;
}

export const releaseHandler: ResourceHandler = {
  diff(_id, outputs, inputs) {
    const replaces = inputs.service === outputs.service ? [] : ['service'];
    // Where the server is reached may change by itself; that changes nothing on it.
    const changed = inputs.hash === outputs.hash && outputs.healthy !== false ? [] : ['hash'];
    return { changed: [...changed, ...replaces], replaces, deleteBeforeReplace: replaces.length > 0 };
  },
  async create(inputs, preview) {
    const wanted = inputs as unknown as ReleaseInputs;
    return {
      id: wanted.service,
      outputs: { ...inputs, healthy: true, ...(preview ? {} : await apply(wanted, wanted.hash)) },
    };
  },
  async read(id, outputs, inputs) {
    return orUnverified(`release ${id}`, { id, outputs, inputs }, async () => {
      const state = await stewardOf({ ...outputs, ...inputs }, 3000).call<ServiceState>(['read', id]);
      if (state.release === null) return undefined;
      const seen = {
        ...outputs,
        hash: state.release,
        healthy: state.healthy || state.switchedOff,
        stoppedSeconds: state.stoppedSeconds ?? undefined,
        verifiedAt: new Date().toISOString(),
      };
      return { id, outputs: seen, inputs: { ...inputs, hash: state.release } };
    });
  },
  async update(_id, outputs, inputs, preview) {
    const wanted = inputs as unknown as ReleaseInputs;
    return { ...outputs, ...inputs, healthy: true, ...(preview ? {} : await apply(wanted, wanted.hash)) };
  },
  async delete(id, outputs) {
    await apply({ ...(outputs as unknown as ReleaseInputs), service: id }, null);
  },
};

/**
 * Sends the bundle and has it applied; throws with the steward's own reason when it was undone. Answers with what was
 * measured: for how long the service stood still, which the next plan says of a change like it.
 */
async function apply(wanted: ReleaseInputs, to: string | null): Promise<Properties> {
  const run = RunFolder.fromEnvironment();
  const steward = stewardOf(wanted as unknown as Properties);
  const lease = run.leaseOn(wanted.host);
  await steward.greet(lease);
  const { service } = wanted;
  const state = await steward.call<ServiceState>(['read', service]);
  const isAsWanted = to === null || state.healthy || state.switchedOff;
  if (state.release === to && state.open === null && isAsWanted) return measured(state);
  if (to !== null) {
    const bundle = run.bundle(to);
    await steward.call(['store', to], JSON.stringify(bundle));
    for (const [name, { generation, given }] of Object.entries(bundle.release.secrets))
      if (given) await steward.call(['secret-put', service, name, String(generation)], run.given(given));
  }
  const op = `${new Date().toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(3).toString('hex')}`;
  await steward.call(['apply', '--service', service, '--op', op, ...(to === null ? [] : ['--to', to])]);
  const entries = await follow(steward, [service, op, lease.id, lease.holder], (entry) =>
    run.noteProgress(service, JSON.stringify(entry)),
  );
  const closed = entries.findLast((each) => each.entry === 'closed');
  const outcome: Outcome | undefined = closed?.entry === 'closed' ? closed.outcome : undefined;
  if (outcome === 'committed') return measured(await steward.call<ServiceState>(['read', service]));
  const failed = entries.find((each) => each.entry === 'failed');
  const why = failed?.entry === 'failed' ? `${failed.step}: ${failed.why}` : 'it was cut off';
  const before =
    state.release === null
      ? 'It was taken away again.'
      : 'The release before it serves again, with its data.';
  throw new Error(`${service} did not come up, and was taken back. ${before}\n${why}`);
}

const measured = (state: ServiceState): Properties => ({
  verifiedAt: new Date().toISOString(),
  ...(state.stoppedSeconds === null ? {} : { stoppedSeconds: state.stoppedSeconds }),
});

/** Follows an operation to its end; when the link breaks it is joined again, for the operation goes on without us. */
async function follow(
  steward: StewardLink,
  what: string[],
  onEntry: (entry: Entry) => void,
): Promise<Entry[]> {
  const seen: Entry[] = [];
  for (let broken = 0; broken < 20; broken++) {
    let index = 0;
    try {
      await steward.call(['follow', ...what], '', (line) => {
        index += 1;
        if (index <= seen.length) return;
        const entry = JSON.parse(line) as Entry;
        seen.push(entry);
        onEntry(entry);
      });
      return seen;
    } catch (error) {
      const isLink =
        error instanceof Unreachable || /connection was lost|ECONNRESET|Keepalive/.test(String(error));
      if (!isLink) throw error;
    }
  }
  throw new Error(
    `The link to the server was lost and could not be had again. What was begun goes on there; type: haven up`,
  );
}
