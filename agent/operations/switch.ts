import { existsSync, rmSync } from 'node:fs';
import { applyMaintenance } from '../effects/maintenance.ts';
import { loadBundle, writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { runningRelease } from '../store/running.ts';
import { haltRelease, startRelease } from './compose.ts';

export type SwitchTo = 'on' | 'off' | 'restart';

/**
 * Starts, stops or restarts a service. A stopped service stays stopped through reboots and deploys until its owner
 * starts it. Runs in the unit of the service's operations, so that it never runs beside one.
 */
export async function switchService(layout: Layout, service: string, to: SwitchTo): Promise<void> {
  const hash = runningRelease(layout, service);
  const folder = layout.release(service, hash);
  const mark = layout.switchedOff(service);
  if (to === 'off') {
    if (service === 'reverse-proxy')
      throw new Error(
        "The reverse proxy can't be stopped: nothing in this cloud can be reached without it. To restart it, run: haven restart reverse-proxy",
      );
    writeDurably(mark, `${new Date().toISOString()}\n`);
    await applyMaintenance(layout);
    await haltRelease(folder, service);
    return;
  }
  if (to === 'restart') {
    if (existsSync(mark)) throw new Error(`${service} is stopped. Run: haven start ${service}`);
    await haltRelease(folder, service);
  }
  await startRelease(folder, loadBundle(layout, service, hash));
  rmSync(mark, { force: true });
  await applyMaintenance(layout);
}
