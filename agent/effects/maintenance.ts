import { setTimeout as sleep } from 'node:timers/promises';
import { renderServerFirewall } from '../../core/release/server-firewall.ts';
import { run } from '../../system/run.ts';
import { withLock } from '../../system/with-lock.ts';
import type { Layout } from '../store/layout.ts';
import {
  afterStarts,
  allDigests,
  filesBehind,
  isBehind,
  readAcknowledged,
  whileTold,
  writeAcknowledged,
} from './acknowledged-routes.ts';
import { proxyStarts, RefusedRoutes, reload } from './reverse-proxy.ts';
import {
  type ProxyProgram,
  type Routes,
  routeFile,
  wantedRoutes,
  writeRoutes,
  writtenRoutes,
} from './routes.ts';
import { type ServiceInMaintenance, servicesInMaintenance, trialOf } from './services-in-maintenance.ts';

/** Uid of the user that runs health checks. The agent's set-up creates the user with this uid. */
export const checkUid = 990;

const programs: ProxyProgram[] = ['caddy', 'haproxy'];

interface MaintenanceOptions {
  drainMs?: number;
  /** Whether to tell the reverse proxy. At boot it is not running yet. */
  tellProxy?: boolean;
}

/**
 * Updates routes and firewall to match the journals, the only record of which services are in maintenance. First the
 * routes answer 503 to new visitors, then running requests get time to end, then connections are cut. What the reverse
 * proxy has not acknowledged is told to it again by each call.
 */
export async function applyMaintenance(
  layout: Layout,
  { drainMs = 500, tellProxy = true }: MaintenanceOptions = {},
): Promise<void> {
  // Services are changed in parallel, but share the routes and the firewall.
  await withLock('/run/haven/maintenance.lock', async () => {
    const inMaintenance = servicesInMaintenance(layout);
    const routes = wantedRoutes(layout, refusing(inMaintenance));
    try {
      if (!tellProxy) writeRoutes(layout, routes);
      else if ((await tellReverseProxy(layout, routes)) && inMaintenance.length > 0) await sleep(drainMs);
    } finally {
      // Whatever the reverse proxy says: nobody reaches a program whose data may still be rolled back.
      const firewall = renderServerFirewall(trialOf(inMaintenance, checkUid));
      await run('nft', ['-f', '-'], { input: firewall, timeoutMs: 30_000 });
    }
  });
}

const refusing = (inMaintenance: ServiceInMaintenance[]): Set<string> =>
  new Set(
    inMaintenance.flatMap(({ service, releases }) => [
      service,
      ...releases.flatMap(({ writers }) => writers),
    ]),
  );

/** Writes the routes and has those programs load them that have not acknowledged them. Returns whether there were any. */
async function tellReverseProxy(layout: Layout, routes: Routes): Promise<boolean> {
  const starts = await proxyStarts(layout);
  let acknowledged = afterStarts(readAcknowledged(layout), starts);
  const wanted = allDigests(layout, routes);
  const behind = programs.filter((each) => isBehind(each, starts, acknowledged, wanted[each]));
  // First, so that a crash between here and the reload does not look like a program that just read these files.
  if (behind.length > 0) writeAcknowledged(layout, acknowledged);
  writeRoutes(layout, routes);
  for (const program of behind) {
    writeAcknowledged(layout, whileTold(acknowledged, program, wanted[program]));
    try {
      const start = await reload(layout, program);
      if (start === undefined) continue;
      acknowledged = { ...acknowledged, [program]: { start, files: wanted[program] } };
      writeAcknowledged(layout, acknowledged);
    } catch (error) {
      if (error instanceof RefusedRoutes) writeAcknowledged(layout, acknowledged);
      throw error;
    }
  }
  return behind.length > 0;
}

/** The services whose routes should be open, and which the reverse proxy serves otherwise. */
export async function servicesNotServed(layout: Layout): Promise<Set<string>> {
  const starts = await proxyStarts(layout);
  const acknowledged = readAcknowledged(layout);
  const closed = refusing(servicesInMaintenance(layout));
  const wanted = wantedRoutes(layout, closed);
  const [digests, written] = [allDigests(layout, wanted), allDigests(layout, writtenRoutes(layout))];
  const behind = new Set(
    programs.flatMap((each) =>
      filesBehind(each, starts, acknowledged, { wanted: digests[each], written: written[each] }),
    ),
  );
  const open = [...namesOf(wanted)].filter((service) => !closed.has(service));
  return new Set(open.filter((service) => programs.some((each) => behind.has(routeFile[each](service)))));
}

const namesOf = (routes: Routes): Set<string> =>
  new Set(programs.flatMap((each) => [...routes[each].keys()].map((name) => name.replace(/\.[^.]+$/, ''))));
