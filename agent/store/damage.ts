import { lastOperation, operationOf } from '../../core/operations/transaction.ts';
import { currentHash, hasBundle, loadBundle } from './bundle-store.ts';
import { readJournal } from './journal.ts';
import type { Layout } from './layout.ts';

/**
 * What of a service can't be read: its journal, or the bundle of a release that it runs or that its last operation
 * names. Undefined when all of it can. Such a service is in maintenance, and the others go on.
 */
export function damageOf(layout: Layout, service: string): string | undefined {
  try {
    const operation = operationOf(lastOperation(readJournal(layout.journal(service))));
    const releases = new Set([currentHash(layout, service), operation?.from, operation?.to]);
    for (const hash of releases)
      if (hash && hasBundle(layout, service, hash)) loadBundle(layout, service, hash);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
