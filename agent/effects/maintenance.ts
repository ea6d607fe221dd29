import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../system/with-lock.ts';
import { crashPoint } from '../store/crash-point.ts';
import type { Layout } from '../store/layout.ts';
import { loadBanTable } from './ban-table.ts';
import { loadFirewall } from './firewall.ts';
import { confirmStates, runningRequests } from './reverse-proxy.ts';
import { type RouteStates, wantedStates, writeStates } from './route-states.ts';
import { wantedRoutes, writeRoutes } from './routes.ts';
import { loadRoutes, routesLock } from './served-routes.ts';
import { servicesInMaintenance } from './services-in-maintenance.ts';

/**
 * Updates the states of routes, and the firewall, to match the journals, the only record of which services are in
 * maintenance. First new visitors are answered 503, which takes no reload of Caddy and is confirmed by it; then running
 * requests get time to end, then connections are cut.
 */
export async function applyMaintenance(layout: Layout, { drainMs = 500 } = {}): Promise<void> {
  await withLock(routesLock, () =>
    withFirewall(layout, async (states) => {
      const hasEntered = writeStates(layout, states);
      crashPoint('maintenance:states-written');
      await confirmStates(layout, states);
      crashPoint('maintenance:confirmed');
      // HAProxy has no file to look for: while a service is not open, its ports are left out.
      const wereTold = await loadRoutes(layout, states, { programs: ['haproxy'] });
      if (wereTold && [...states.values()].includes('maintenance')) await sleep(drainMs);
      else if (hasEntered) await drain(layout, drainMs);
    }),
  );
}

/** Waits until no request is running any more, or for so long. */
async function drain(layout: Layout, limitMs: number): Promise<void> {
  const end = Date.now() + limitMs;
  while (Date.now() < end && (await runningRequests(layout)) !== 0) await sleep(50);
}

/** The same at boot, before Docker and so the reverse proxy start: they read what is written here. */
export async function applyMaintenanceAtBoot(layout: Layout): Promise<void> {
  await withLock(routesLock, () =>
    withFirewall(layout, async (states) => {
      writeStates(layout, states);
      const { caddy, haproxy } = wantedRoutes(layout, states);
      writeRoutes(layout, 'caddy', caddy);
      writeRoutes(layout, 'haproxy', haproxy);
    }),
  );
}

async function withFirewall(layout: Layout, work: (states: RouteStates) => Promise<void>): Promise<void> {
  const inMaintenance = servicesInMaintenance(layout);
  try {
    await work(wantedStates(layout, inMaintenance));
  } finally {
    // Whatever the reverse proxy says: nobody reaches a program whose data may still be rolled back.
    await loadFirewall(inMaintenance);
    await loadBanTable(layout);
    crashPoint('maintenance:firewall-set');
  }
}
