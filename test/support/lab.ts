import { dirname, join } from 'node:path';
import { buildAgent } from '../../agent/build.ts';
import type { DeployOrder } from '../../agent/operations/deploy.ts';
import { parseJournal } from '../../agent/store/journal.ts';
import { newVolumeNote } from '../../core/new-volume-note.ts';
import { renderDeployCall } from '../../core/operations/deploy-call.ts';
import type { LockClaim } from '../../core/operations/deploy-lock.ts';
import type { Entry } from '../../core/operations/entries.ts';
import { protocol } from '../../core/operations/protocol.ts';
import { type Bundle, releaseHash } from '../../core/release/release.ts';
import { renderRelease } from '../../core/release/render-release.ts';
import type { Catalogue } from '../../core/service.ts';
import type { BuildTask } from '../../sandbox/build/task.ts';
import {
  createMachine,
  onMachine,
  removeMachine,
  startMachine,
  tryOnMachine,
} from '../../sandbox/machine/machine.ts';
import { ensureNetwork, serverAddresses } from '../../sandbox/machine/network.ts';
import { attachVolume, createVolume, devicePath, removeVolume } from '../../sandbox/machine/volumes.ts';
import { buildWaitMs, prepare } from '../../sandbox/prepare.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import type { ImageReferences } from '../../services/context-hash.ts';
import type { OptionsOf } from '../../services/image-need.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { projectRoot } from '../../system/project-root.ts';
import type { RunResult } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { withLock } from '../../system/with-lock.ts';

/** A lab is one run of `haven`, without a state. */
export const labClaim: LockClaim = { run: 'lab', holder: 'lab', speaks: protocol, state: null, agent: null };

/** What the layer tests use: Docker, images, a network, and servers with an agent, without Pulumi. */
export interface Lab {
  catalogue: Catalogue;
  images: ImageReferences;
  machineImage: string;
  store: string;
}

/** Opens a lab whose servers have the images of these services, with these options; `also` is what else is built for it. */
export async function openLab(
  services: string[] = ['ledger'],
  { also = [], options = {} }: { also?: BuildTask[]; options?: OptionsOf } = {},
): Promise<Lab> {
  const open = async () => {
    const catalogue = await loadCatalogue([
      join(projectRoot, 'services'),
      join(projectRoot, 'test/services'),
    ]);
    const { images, machineImage, store } = await prepare(catalogue, { services, options, last: also });
    await ensureNetwork();
    return { catalogue, images, machineImage, store };
  };
  return withLock(join(cacheDir, 'lab.lock'), open, { waitMs: buildWaitMs });
}

/** A server with a blank volume and an agent that has set it up. */
export class LabServer {
  readonly id: string;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly #lab: Lab;
  /** How long the release that serves may take to start, by service, in seconds. */
  readonly #startTimeouts = new Map<string, number>();

  private constructor(lab: Lab, id: string, ipv4: string, ipv6: string) {
    this.#lab = lab;
    this.id = id;
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
  }

  /** Without `hasImages` its Docker is empty, as that of a new server is. Its volume is sparse. */
  static async create(
    lab: Lab,
    id: string,
    n: number,
    { hasImages = true, volumeGb = 8 }: { hasImages?: boolean; volumeGb?: number } = {},
  ): Promise<LabServer> {
    const { ipv4, ipv6 } = serverAddresses(n);
    const server = new LabServer(lab, id, ipv4, ipv6);
    await server.remove();
    const machine = { id, hostname: id, image: lab.machineImage, ipv4, ipv6 };
    await createMachine({ ...machine, ...(hasImages ? { imagesFrom: lab.store } : {}) });
    createVolume(id, volumeGb);
    await startMachine(id);
    await attachVolume(id, id);
    const note = `mkdir -p ${dirname(newVolumeNote)} && echo ${devicePath(id)} > ${newVolumeNote}`;
    await onMachine(id, ['sh', '-c', note]);
    const { text } = await buildAgent(cacheDir);
    await onMachine(
      id,
      ['sh', '-c', 'mkdir -p /usr/local/lib/haven && cat > /usr/local/lib/haven/agent.cjs'],
      { input: text },
    );
    await onMachine(id, ['node', '/usr/local/lib/haven/agent.cjs', 'setup', '--volume', devicePath(id)]);
    return server;
  }

  async remove(): Promise<void> {
    await removeMachine(this.id);
    removeVolume(this.id);
  }

  /** A certificate for a name that the server signed itself, where the reverse proxy looks for it. */
  async makeCertificate(host: string): Promise<void> {
    const folder = `/srv/haven/certs/${host}`;
    const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
    const script = `mkdir -p ${folder} && openssl req -x509 ${key} -subj /CN=${host} -days 2 -keyout ${folder}/tls.pem -out /tmp/chain.pem 2>/dev/null && cat /tmp/chain.pem >> ${folder}/tls.pem && chown -R 2010:2010 ${folder}`;
    await onMachine(this.id, ['sh', '-c', script]);
  }

  async agent(args: string[], input = ''): Promise<unknown> {
    const { stdout } = await onMachine(this.id, ['haven-agent', ...args], { input });
    const lines = stdout.trim().split('\n').filter(Boolean);
    return lines.length === 1 ? JSON.parse(lines[0]!) : lines.map((line) => JSON.parse(line));
  }

  bundle(service: string, options: Record<string, unknown> = {}): Bundle {
    const entry = this.#lab.catalogue.get(service);
    if (!entry) throw new Error(`no service ${service}`);
    return renderRelease({
      service: entry.definition,
      compose: entry.compose,
      files: entry.files,
      options: entry.definition.options.parse(options),
      context: {
        domain: 'cloud.example',
        host: `${service}.cloud.example`,
        loginHost: 'keycloak.cloud.example',
        ...(entry.definition.needs?.mail
          ? { mail: { host: 'mail.cloud.example', domains: ['cloud.example'] } }
          : {}),
        owner: { name: 'Test', email: 'test@cloud.example' },
        timeZone: 'UTC',
      },
      images: this.#lab.images[service] ?? {},
    });
  }

  /** Applies a bundle and waits until the operation is finished, through crashes and reboots. */
  async apply(
    bundle: Bundle,
    {
      crashAt = '',
      quotas = {},
      given = [],
      whileRunning,
      afterCrash,
    }: {
      crashAt?: string;
      quotas?: Record<string, number>;
      /** Secrets that come from the owner's side. */
      given?: DeployOrder['given'];
      whileRunning?: (op: string) => Promise<void>;
      /** Is done as soon as the agent was killed at `crashAt`, before systemd starts it again. */
      afterCrash?: () => Promise<void>;
    } = {},
  ): Promise<{ op: string; entries: Entry[]; hash: string; outcome: string }> {
    const hash = releaseHash(bundle);
    const op = `op-${Date.now()}`;
    const { service } = bundle.release;
    const env = crashAt ? ['env', `HAVEN_CRASH_AT=${crashAt}`] : [];
    if (crashAt) await onMachine(this.id, ['rm', '-rf', '/run/haven/crashed']);
    const words = renderDeployCall({ service, to: hash, op, claim: labClaim });
    let hasEnded = false;
    const deploying = tryOnMachine(this.id, [...env, 'haven-agent', 'deploy', ...words], {
      input: JSON.stringify({ bundle, quotas, given }),
    }).finally(() => {
      hasEnded = true;
    });
    if (whileRunning || afterCrash)
      await waitUntil(
        `operation ${op} to begin`,
        async () => hasEnded || Boolean((await this.#entriesOf(service, op))?.length),
        { timeoutMs: 120_000, everyMs: 50 },
      );
    await whileRunning?.(op);
    const { startTimeoutSeconds } = bundle.release;
    if (afterCrash) {
      const mark = `/run/haven/crashed/${crashAt.replaceAll(':', '-')}`;
      const isKilled = async () => (await tryOnMachine(this.id, ['test', '-e', mark])).code === 0;
      // On the way back, after a start that took all its time.
      const timeoutMs = 90_000 + startTimeoutSeconds * 1000;
      await waitUntil(`the agent to be killed at ${crashAt}`, isKilled, { timeoutMs, everyMs: 50 });
      await afterCrash();
    }
    // Its programs' start, on the way back those from before, and checks, and what is tried again after a crash.
    const startsSeconds = startTimeoutSeconds + (this.#startTimeouts.get(service) ?? 0);
    const timeoutMs = (startsSeconds + 180) * 1000;
    // The call follows the operation; a look at the journal meanwhile would take a process each.
    await waitUntil(`the deploy of ${service} to return`, () => hasEnded, { timeoutMs, everyMs: 20 });
    await deploying;
    const entries = await this.closed(service, op, timeoutMs);
    const last = entries.at(-1);
    const isCommitted = last?.entry === 'finished' && last.outcome === 'committed';
    if (isCommitted) this.#startTimeouts.set(service, startTimeoutSeconds);
    return { op, entries, hash, outcome: last?.entry === 'finished' ? last.outcome : 'never begun' };
  }

  /** Deploys the release that serves with other quotas, which takes no operation. */
  setQuotas(bundle: Bundle, quotas: Record<string, number>): Promise<RunResult> {
    const words = renderDeployCall({
      service: bundle.release.service,
      to: releaseHash(bundle),
      op: 'none',
      claim: labClaim,
    });
    const input = JSON.stringify({ bundle, quotas, given: [] });
    return tryOnMachine(this.id, ['haven-agent', 'deploy', ...words], { input });
  }

  /** Removes a service; its data stays. */
  async takeOut(service: string): Promise<void> {
    const op = `op-${Date.now()}`;
    const words = renderDeployCall({ service, to: null, op, claim: labClaim });
    await onMachine(this.id, ['haven-agent', 'deploy', ...words], {
      input: JSON.stringify({ quotas: {}, given: [] }),
    });
  }

  async closed(service: string, op: string, timeoutMs = 180_000): Promise<Entry[]> {
    const began = Date.now();
    return waitUntil(
      `operation ${op} on ${service} to end`,
      async () => {
        const entries = await this.#entriesOf(service, op);
        if (!entries) return undefined;
        // Cut off before its first entry was written, an operation has never begun.
        if (entries.length === 0 && Date.now() - began > 8000) return entries;
        return entries.some((each) => each.entry === 'finished') ? entries : undefined;
      },
      { timeoutMs, everyMs: 200 },
    );
  }

  async #entriesOf(service: string, op: string): Promise<Entry[] | undefined> {
    const journal = await this.#readJournal(service);
    return journal?.filter((each) => (each.entry === 'open' ? each.operation.id : each.op) === op);
  }

  /** The service's journal. */
  async history(service: string): Promise<Entry[]> {
    return (await this.#readJournal(service)) ?? [];
  }

  /**
   * A journal, read as a file: an agent that is started to be asked takes a core for half a second. Undefined while the volume
   * is not mounted, as during a boot: then nothing is known.
   */
  async #readJournal(service: string): Promise<Entry[] | undefined> {
    const script = `mountpoint -q /srv/haven || exit 1; cat /srv/haven/journal/${service}.jsonl 2>/dev/null; exit 0`;
    const { code, stdout } = await tryOnMachine(this.id, ['sh', '-c', script]);
    return code === 0 ? parseJournal(Buffer.from(stdout)).entries : undefined;
  }
}
