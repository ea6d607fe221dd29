import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { operationOf, unfinished } from '../../core/operations/transaction.ts';
import { knownServices } from '../effects/services-in-maintenance.ts';
import { currentHash, hasBundle, loadBundle } from '../store/bundle-store.ts';
import { damageOf } from '../store/damage.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';

/**
 * Deletes the secrets that services share and none uses any more: no release that runs names them, and none of an operation under
 * way. An older release that a rollback brings back gets a new value, as it does after a recovery. While anything
 * of a service can't be read, all are kept.
 */
export function dropSharedSecrets(layout: Layout): void {
  const services = knownServices(layout);
  if (services.some((service) => !isReadable(layout, service))) return;
  const used = new Set(services.flatMap((service) => sharedBy(layout, service)));
  const folder = layout.secrets('.shared');
  for (const file of existsSync(folder) ? readdirSync(folder) : [])
    if (!used.has(file)) rmSync(join(folder, file));
}

function isReadable(layout: Layout, service: string): boolean {
  const current = currentHash(layout, service);
  return damageOf(layout, service) === undefined && (current === null || hasBundle(layout, service, current));
}

/** The files of a service's shared secrets. */
function sharedBy(layout: Layout, service: string): string[] {
  const operation = operationOf(unfinished(readJournal(layout.journal(service))));
  const hashes = new Set([currentHash(layout, service), operation?.from, operation?.to]);
  return [...hashes].flatMap((hash) => {
    if (!hash || !hasBundle(layout, service, hash)) return [];
    const { secrets } = loadBundle(layout, service, hash).release;
    return Object.entries(secrets).flatMap(([name, { shared, generation }]) =>
      shared ? [`${name}.${generation}`] : [],
    );
  });
}
