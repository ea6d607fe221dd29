import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hostNamesOf, type Release } from '../../core/release/release.ts';
import { renderRoutes, renderTcpRoutes } from '../../core/release/routes.ts';
import { currentHash, hasBundle, loadBundle, writeDurably } from '../store/bundle-store.ts';
import { damageOf } from '../store/damage.ts';
import type { Layout } from '../store/layout.ts';
import type { RouteStates } from './route-states.ts';
import { knownServices } from './services-in-maintenance.ts';

/** The programs of the reverse proxy, by their names in its compose file. */
export type ProxyProgram = 'caddy' | 'haproxy';

/** Each service's routes as they should be, by file name. */
export type Routes = Record<ProxyProgram, Map<string, string>>;

export const routeFile: Record<ProxyProgram, (service: string) => string> = {
  caddy: (service) => `${service}.caddy`,
  haproxy: (service) => `${service}.cfg`,
};

/** Each service's routes, for the web and for other protocols. */
export function wantedRoutes(layout: Layout, states: RouteStates): Routes {
  const routes: Routes = { caddy: new Map(), haproxy: new Map() };
  for (const service of knownServices(layout)) {
    const hash = currentHash(layout, service);
    if (!hash || !hasBundle(layout, service, hash)) continue;
    if (damageOf(layout, service) !== undefined) {
      // What it should be is not known. The state of such a service is maintenance.
      const file = routeFile.caddy(service);
      const before = filesIn(layout.routes, '.caddy').get(file);
      if (before) routes.caddy.set(file, before);
      continue;
    }
    const { release } = loadBundle(layout, service, hash);
    if (hostNamesOf(release).length > 0)
      routes.caddy.set(routeFile.caddy(service), renderRoutes(withCertificates(layout, release)));
    if (release.tcpRoutes)
      routes.haproxy.set(routeFile.haproxy(service), renderTcpRoutes(release, states.get(service) ?? 'open'));
  }
  return routes;
}

export function writeRoutes(layout: Layout, program: ProxyProgram, routes: Map<string, string>): void {
  if (program === 'caddy') bringFolderInLine(layout.routes, '.caddy', routes);
  else bringFolderInLine(layout.tcpRoutes, '.cfg', routes);
}

/** What the files say now. A program of the reverse proxy reads them when it starts. */
export const writtenRoutes = (layout: Layout): Routes => ({
  caddy: filesIn(layout.routes, '.caddy'),
  haproxy: filesIn(layout.tcpRoutes, '.cfg'),
});

function filesIn(folder: string, ending: string): Map<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(ending)) : [];
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** Makes a folder's files with that ending exactly the wanted ones. */
function bringFolderInLine(folder: string, ending: string, wanted: Map<string, string>): void {
  mkdirSync(folder, { recursive: true });
  const written = filesIn(folder, ending);
  for (const name of written.keys()) if (!wanted.has(name)) rmSync(join(folder, name));
  for (const [name, text] of wanted) if (written.get(name) !== text) writeDurably(join(folder, name), text);
}

/**
 * Leaves out names without a certificate: one such name would stop the reverse proxy from starting. They are added
 * once they have one.
 */
function withCertificates(layout: Layout, release: Release): Release {
  const has = (host: string) => existsSync(join(layout.certificates, host, 'tls.pem'));
  const { routes, fixedPages = [] } = release;
  const certified = fixedPages.filter((each) => has(each.host));
  return { ...release, routes: routes.filter((each) => has(each.host)), fixedPages: certified };
}
