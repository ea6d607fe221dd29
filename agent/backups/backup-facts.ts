import { existsSync, statSync } from 'node:fs';
import type { BackupFacts } from '../../core/backups/backup-health.ts';
import { serverBackup } from '../../core/backups/server-backup.ts';
import { dataOf } from '../data/quotas.ts';
import { knownServices } from '../effects/services-in-maintenance.ts';
import { currentHash } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { readBackupMemory } from './backup-memory.ts';
import { backupOrderFile } from './backup-order.ts';
import { queued } from './queue.ts';

/** What this server knows of its backups; null where none are set up. Asks nothing of the storage. */
export function gatherBackupFacts(layout: Layout): BackupFacts | null {
  const order = backupOrderFile(layout);
  if (!existsSync(order)) return null;
  const setUpAt = statSync(order).mtimeMs;
  const expected = knownServices(layout).flatMap((service) => {
    const since = servesDataSince(layout, service);
    return since === undefined ? [] : [[service, Math.max(setUpAt, since)] as const];
  });
  return {
    memory: readBackupMemory(layout),
    expected: Object.fromEntries([...expected, [serverBackup, setUpAt]]),
    waiting: queued(layout).map(({ manifest }) => ({ service: manifest.service })),
  };
}

/** Since when a service that runs here keeps data; undefined if it keeps none. By folders alone: a damaged bundle says nothing. */
function servesDataSince(layout: Layout, service: string): number | undefined {
  const names = currentHash(layout, service) === null ? [] : dataOf(layout, service);
  if (names.length === 0) return undefined;
  return Math.min(...names.map((name) => statSync(layout.data(service, name)).birthtimeMs));
}
