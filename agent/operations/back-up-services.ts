import type { BackupReason } from '../../core/backups/backup.ts';
import { historyOf } from '../../core/operations/history.ts';
import { currentRelease } from '../../core/operations/transaction.ts';
import { newOperationId } from '../../system/new-operation-id.ts';
import { dataOf } from '../data/quotas.ts';
import { knownServices } from '../effects/services-in-maintenance.ts';
import { damageOf } from '../store/damage.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { followOperation, startOperation } from './operation.ts';

/** What became of the backup of one service: its snapshot was queued for the owner's place, or why not. */
export interface SnapshottedService {
  service: string;
  operation: string;
  /** Left out where it was queued. */
  why?: string;
}

/** The services that have data to back up. */
export const servicesWithData = (layout: Layout): string[] =>
  knownServices(layout).filter(
    (service) =>
      dataOf(layout, service).length > 0 &&
      (damageOf(layout, service) !== undefined ||
        currentRelease(readJournal(layout.journal(service))) !== null),
  );

/**
 * Takes a snapshot of each of these services, one after the other, so that at most one of them is in maintenance. What
 * fails for one does not keep the others from it.
 */
export async function backUpServices(
  layout: Layout,
  { services, why, by }: { services: string[]; why: BackupReason; by?: string },
  agent: string[],
  say: (line: string) => void,
): Promise<SnapshottedService[]> {
  const done: SnapshottedService[] = [];
  for (const service of services) {
    const id = newOperationId();
    const wanted = {
      id,
      service,
      task: { kind: 'backup', why },
      ...(by === undefined ? {} : { by }),
    } as const;
    done.push({ service, operation: id, ...(await whyNot(layout, wanted, agent, say)) });
  }
  return done;
}

async function whyNot(
  layout: Layout,
  wanted: Parameters<typeof startOperation>[1],
  agent: string[],
  say: (line: string) => void,
): Promise<{ why?: string }> {
  const { service, id } = wanted;
  const damage = damageOf(layout, service);
  if (damage !== undefined) return { why: damage };
  try {
    await startOperation(layout, wanted, agent);
    await followOperation(layout, service, id, async () => undefined, say);
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
  const past = historyOf(readJournal(layout.journal(service))).find(({ op }) => op === id);
  if (past?.outcome === 'committed') return {};
  return { why: past?.why ?? 'it was interrupted, and the service runs again' };
}
