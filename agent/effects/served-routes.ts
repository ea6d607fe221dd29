import { withLock } from '../../system/with-lock.ts';
import { crashPoint } from '../store/crash-point.ts';
import type { Layout } from '../store/layout.ts';
import {
  afterStarts,
  allDigests,
  filesBehind,
  isBehind,
  isServed,
  readAcknowledged,
  whileTold,
  writeAcknowledged,
} from './acknowledged-routes.ts';
import { proxyStarts, RefusedRoutes, reload } from './reverse-proxy.ts';
import { type RouteStates, wantedStates } from './route-states.ts';
import {
  type ProxyProgram,
  type Routes,
  routeFile,
  wantedRoutes,
  writeRoutes,
  writtenRoutes,
} from './routes.ts';
import { servicesInMaintenance } from './services-in-maintenance.ts';

const programs: ProxyProgram[] = ['caddy', 'haproxy'];

/** Services are changed in parallel, but share the routes, their states and the firewall. */
export const routesLock = '/run/haven/maintenance.lock';

/**
 * Updates the routes to match the releases that `current` points to, and has the reverse proxy load what it has not
 * acknowledged. With a service, only if it serves the routes of that one otherwise: what it refuses of another service
 * must not hold this one up.
 */
export async function applyRoutes(layout: Layout, service?: string): Promise<void> {
  await withLock(routesLock, async () => {
    const states = wantedStates(layout, servicesInMaintenance(layout));
    await loadRoutes(layout, states, { programs, ...(service === undefined ? {} : { service }) });
  });
}

/**
 * Writes the routes of these programs and has those load them that have not acknowledged them. Returns whether there were
 * any. The caller has the lock.
 */
export async function loadRoutes(
  layout: Layout,
  states: RouteStates,
  { programs, service }: { programs: ProxyProgram[]; service?: string },
): Promise<boolean> {
  const routes = wantedRoutes(layout, states);
  const starts = await proxyStarts(layout);
  let acknowledged = afterStarts(readAcknowledged(layout), starts);
  const wanted = allDigests(layout, routes);
  const behind = programs.filter(
    (each) =>
      isBehind(each, starts, acknowledged, wanted[each]) &&
      (service === undefined || !isServed(each, acknowledged, wanted[each], routeFile[each](service))),
  );
  // First, so that a crash between here and the reload does not look like a program that just read these files.
  if (behind.length > 0) writeAcknowledged(layout, acknowledged);
  for (const program of programs) writeRoutes(layout, program, routes[program]);
  crashPoint('routes:written');
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
  const states = wantedStates(layout, servicesInMaintenance(layout));
  const wanted = wantedRoutes(layout, states);
  const [digests, written] = [allDigests(layout, wanted), allDigests(layout, writtenRoutes(layout))];
  const behind = new Set(
    programs.flatMap((each) =>
      filesBehind(each, starts, acknowledged, { wanted: digests[each], written: written[each] }),
    ),
  );
  const open = [...namesOf(wanted)].filter((service) => states.get(service) !== 'maintenance');
  return new Set(open.filter((service) => programs.some((each) => behind.has(routeFile[each](service)))));
}

const namesOf = (routes: Routes): Set<string> =>
  new Set(programs.flatMap((each) => [...routes[each].keys()].map((name) => name.replace(/\.[^.]+$/, ''))));
