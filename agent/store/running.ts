import { existsSync } from 'node:fs';
import { describeStuck } from '../../core/operations/describe-stuck.ts';
import { stuckAt, unfinished } from '../../core/operations/transaction.ts';
import { currentHash } from './bundle-store.ts';
import { damageOf } from './damage.ts';
import { readJournal } from './journal.ts';
import type { Layout } from './layout.ts';

/** Whether an operation is open. A service of which something can't be read counts as one that is being changed. */
export const isBeingChanged = (layout: Layout, service: string): boolean =>
  damageOf(layout, service) !== undefined || unfinished(readJournal(layout.journal(service))).length > 0;

/** Whether the owner stopped it. Then none of its containers run, and that is correct. */
export const isSwitchedOff = (layout: Layout, service: string): boolean =>
  existsSync(layout.switchedOff(service));

/** The running release. Throws when there is none, or when the service is being changed. */
export function runningRelease(layout: Layout, service: string): string {
  const hash = currentHash(layout, service);
  if (isBeingChanged(layout, service)) throw new Error(whyBusy(layout, service));
  if (!hash) throw new Error(`There is no service "${service}" on this server. See: haven status`);
  return hash;
}

/** Why a service can't be changed while its open operation runs, and what to do about that. */
export function whyBusy(layout: Layout, service: string): string {
  const damage = damageOf(layout, service);
  if (damage !== undefined) return damage;
  const stuck = stuckAt(unfinished(readJournal(layout.journal(service))));
  if (!stuck)
    return `${service} is being changed. Wait until that ends, then try again. To end it now, run: haven operation abort ${service}`;
  const why = `The last change of ${service} can't be completed or undone: ${describeStuck(stuck)}`;
  return stuck.canEnd
    ? `${why}\nTo apply haven.yaml, run: haven up   To leave it as it is, run: haven operation abort ${service}`
    : `${why}\nUntil this works, the data is not restored, so the server tries again every few seconds. Fix the cause (haven ssh), then try again.`;
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
