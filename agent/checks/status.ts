import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { limitBytes } from '../../core/operations/quota-limit.ts';
import { isInMaintenance, lastOperation } from '../../core/operations/transaction.ts';
import { run } from '../../system/run.ts';
import { withLock } from '../../system/with-lock.ts';
import { readQuotas } from '../data/quotas.ts';
import { currentReleases } from '../effects/current-releases.ts';
import { currentHash, writeDurably } from '../store/bundle-store.ts';
import { damageOf } from '../store/damage.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { isSwitchedOff } from '../store/running.ts';
import { newestSignatures } from './virus-signatures.ts';

export type SeenState = 'up' | 'down' | 'off' | 'changing';

export interface SeenStatus {
  at: string;
  services: { id: string; state: SeenState }[];
  /** How much of its quota each data takes, for the agent's alarms, which may not ask the file system themselves. */
  data: { service: string; name: string; usedShare: number }[];
  /** When the newest signatures of virus scanners were made, in milliseconds since 1970; of services that are not stopped. */
  signatures?: { service: string; madeAt: number }[];
}

/**
 * Looks at every service and writes the result where the portal can show it: every minute, and after each change to a
 * service, so that pages include what was just added.
 */
export async function writeStatus(layout: Layout): Promise<SeenStatus> {
  // Under a lock, so that an older look never overwrites a newer one.
  return withLock('/run/haven/status.lock', async () => {
    const status = await seeServices(layout);
    writeDurably(join(layout.status, 'status.json'), `${JSON.stringify(status)}\n`);
    return status;
  });
}

/** Asks Docker once for all services, because this runs often. */
async function seeServices(layout: Layout): Promise<SeenStatus> {
  const format = '{{.Label "com.docker.compose.project"}}\t{{.State}}\t{{.Status}}\t{{.Label "haven.once"}}';
  const { stdout } = await run('docker', ['ps', '--all', '--format', format]);
  const containers = stdout.split('\n').map((line) => line.split('\t'));
  const ids = existsSync(layout.services) ? readdirSync(layout.services).sort() : [];
  const services = ids
    .filter((id) => currentHash(layout, id))
    .map((id) => {
      const own = containers.filter(([project, , , once]) => project === `haven-${id}` && once !== 'true');
      return { id, state: stateOf(layout, id, own) };
    });
  const signatures = seeSignatures(layout);
  return {
    at: new Date().toISOString(),
    services,
    data: await seeData(layout, ids),
    ...(signatures.length > 0 ? { signatures } : {}),
  };
}

const seeSignatures = (layout: Layout): NonNullable<SeenStatus['signatures']> =>
  currentReleases(layout).flatMap((release) => {
    const madeAt = isSwitchedOff(layout, release.service) ? undefined : newestSignatures(layout, release);
    return madeAt === undefined ? [] : [{ service: release.service, madeAt }];
  });

async function seeData(layout: Layout, services: string[]): Promise<SeenStatus['data']> {
  const quotas = await readQuotas(layout);
  return services.flatMap((service) =>
    quotas(service).flatMap(({ name, usedBytes, quotaGb }) =>
      quotaGb === null ? [] : [{ service, name, usedShare: usedBytes / limitBytes(quotaGb) }],
    ),
  );
}

function stateOf(layout: Layout, id: string, containers: string[][]): SeenState {
  if (damageOf(layout, id) !== undefined) return 'down';
  if (isInMaintenance(lastOperation(readJournal(layout.journal(id))))) return 'changing';
  if (isSwitchedOff(layout, id)) return 'off';
  const isWell = ([, state, status]: string[]) =>
    state === 'running' && !/unhealthy|starting/.test(status ?? '');
  return containers.length > 0 && containers.every(isWell) ? 'up' : 'down';
}
