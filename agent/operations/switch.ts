import { existsSync, readdirSync, rmSync } from 'node:fs';
import { removeData, tidySnapshots } from '../data/subvolumes.ts';
import { applyMaintenance } from '../effects/maintenance.ts';
import type { Layout } from '../server/layout.ts';
import { currentHash, loadBundle, writeDurably } from './bundle-store.ts';
import { haltRelease, startRelease } from './compose.ts';
import { readJournal } from './journal.ts';
import { unfinished } from './transact.ts';
import { currentRelease } from './transaction.ts';

export type SwitchTo = 'on' | 'off' | 'restart';

/**
 * Switches a service on or off, or starts it again. Off stays off through reboots and deploys, until its owner switches
 * it on. Runs in the unit of the service's operations, so that it never meets one.
 */
export async function switchService(layout: Layout, service: string, to: SwitchTo): Promise<void> {
  const hash = runningRelease(layout, service);
  const folder = layout.release(service, hash);
  const mark = layout.switchedOff(service);
  if (to === 'off') {
    if (service === 'reverse-proxy')
      throw new Error(
        'The reverse proxy can only be restarted: without it nothing of this cloud is reached.',
      );
    writeDurably(mark, `${new Date().toISOString()}\n`);
    await applyMaintenance(layout);
    await haltRelease(folder, service);
    return;
  }
  if (to === 'restart') {
    if (existsSync(mark)) throw new Error(`${service} is switched off. Type: haven start ${service}`);
    await haltRelease(folder, service);
  }
  await startRelease(folder, loadBundle(layout, service, hash));
  rmSync(mark, { force: true });
  await applyMaintenance(layout);
}

export const isBeingChanged = (layout: Layout, service: string): boolean =>
  unfinished(readJournal(layout.journal(service))).length > 0;

/** The release that serves; throws where there is none, or where it is being changed. */
export function runningRelease(layout: Layout, service: string): string {
  const hash = currentHash(layout, service);
  if (isBeingChanged(layout, service))
    throw new Error(`${service} is being changed. Wait for the end of it, then try again.`);
  if (!hash) throw new Error(`There is no service ${service} on this server.`);
  return hash;
}

/** Removes what a service left on the volume when it went: data, snapshots, releases, secrets, journal. */
export async function deleteServiceData(layout: Layout, service: string): Promise<void> {
  const journal = readJournal(layout.journal(service));
  if (currentRelease(journal) !== null || unfinished(journal).length > 0)
    throw new Error(`${service} still runs. Take it out of haven.yaml and type: haven up`);
  const data = layout.data(service, '');
  for (const name of existsSync(data) ? readdirSync(data) : []) await removeData(layout.data(service, name));
  await tidySnapshots(layout.snapshots(service), 0);
  // The journal goes last: what was cut off here is still known, and erased when it is asked for again.
  for (const path of [layout.service(service), layout.secrets(service), layout.journal(service)])
    rmSync(path, { recursive: true, force: true });
}
