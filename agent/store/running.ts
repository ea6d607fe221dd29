import { existsSync } from 'node:fs';
import { unfinished } from '../../core/operations/transaction.ts';
import { currentHash } from './bundle-store.ts';
import { readJournal } from './journal.ts';
import type { Layout } from './layout.ts';

export const isBeingChanged = (layout: Layout, service: string): boolean =>
  unfinished(readJournal(layout.journal(service))).length > 0;

/** Whether the owner stopped it. Then none of its containers run, and that is correct. */
export const isSwitchedOff = (layout: Layout, service: string): boolean =>
  existsSync(layout.switchedOff(service));

/** The running release. Throws when there is none, or when the service is being changed. */
export function runningRelease(layout: Layout, service: string): string {
  const hash = currentHash(layout, service);
  if (isBeingChanged(layout, service))
    throw new Error(`${service} is being changed. Wait until that ends, then try again.`);
  if (!hash) throw new Error(`There is no service "${service}" on this server. See: haven status`);
  return hash;
}

/** The running release, in whose containers hooks can run; or the reason why none can right now. */
export function releaseForHooks(layout: Layout, service: string): { hash: string } | { reason: string } {
  if (isSwitchedOff(layout, service))
    return { reason: 'the service is stopped; this follows when it is started' };
  try {
    return { hash: runningRelease(layout, service) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
