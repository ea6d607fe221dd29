import { existsSync } from 'node:fs';
import type { Entry } from '../../core/operations/entries.ts';
import {
  currentRelease,
  isInMaintenance,
  lastOperation,
  operationOf,
  unfinished,
} from '../../core/operations/transaction.ts';
import { currentHash, hasBundle } from '../store/bundle-store.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { isRunning } from './compose.ts';

/** What stands on this server for a service. The journal is what is true; the rest is looked at. */
export interface ServiceState {
  service: string;
  /** Hash of the release that serves; null when the service isn't there. */
  release: string | null;
  /** What `current` points to; differs from `release` only while a transaction is open. */
  linked: string | null;
  /** The operation that is open, if any. */
  open: string | null;
  inMaintenance: boolean;
  /** Did its owner switch it off? Then nothing of it runs, and that is as it should be. */
  switchedOff: boolean;
  /** Are all of its containers up and healthy? */
  healthy: boolean;
  /** For how long the last applied change kept it in maintenance; null when none has been measured. */
  stoppedSeconds: number | null;
}

export async function readService(layout: Layout, service: string): Promise<ServiceState> {
  const journal = readJournal(layout.journal(service));
  const release = currentRelease(journal);
  const healthy =
    release !== null &&
    hasBundle(layout, service, release) &&
    (await isRunning(layout.release(service, release), service));
  return {
    service,
    release,
    linked: currentHash(layout, service),
    open: operationOf(unfinished(journal))?.id ?? null,
    inMaintenance: isInMaintenance(lastOperation(journal)),
    switchedOff: existsSync(layout.switchedOff(service)),
    healthy,
    stoppedSeconds: stoppedSeconds(journal),
  };
}

function stoppedSeconds(journal: Entry[]): number | null {
  const ended = journal.findLastIndex((each) => each.entry === 'did' && each.step === 'leave-maintenance');
  const begun = journal
    .slice(0, Math.max(ended, 0))
    .findLast((each) => each.entry === 'do' && each.step === 'enter-maintenance');
  if (ended < 0 || !begun) return null;
  return Math.round((Date.parse(journal[ended]!.at) - Date.parse(begun.at)) / 1000);
}
