import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isInMaintenance, lastOperation, operationOf } from '../../core/operations/transaction.ts';
import type { Release } from '../../core/release/release.ts';
import { type RouteState, renderRoutes, renderTcpRoutes } from '../../core/release/routes.ts';
import { renderServerFirewall } from '../../core/release/server-firewall.ts';
import { run, tryRun } from '../../system/run.ts';
import { withLock } from '../../system/with-lock.ts';
import { currentHash, hasBundle, loadBundle, writeDurably } from '../store/bundle-store.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { isSwitchedOff } from '../store/running.ts';

/** Uid of the user that runs health checks. The agent's set-up creates the user with this uid. */
export const checkUid = 990;

const reverseProxy = 'reverse-proxy';

/**
 * Updates routes and firewall to match the journals, the only record of which services are in maintenance. First the
 * routes answer 503 to new visitors, then running requests get time to end, then connections are cut.
 */
export async function applyMaintenance(
  layout: Layout,
  { drainMs = 500, reload = true, renewed = false }: MaintenanceOptions = {},
): Promise<void> {
  // Services are changed in parallel, but share the routes and the firewall.
  await withLock('/run/haven/maintenance.lock', () => bringInLine(layout, { drainMs, reload, renewed }));
}

interface MaintenanceOptions {
  drainMs?: number;
  /** Whether to reload the reverse proxy. At boot it is not running yet. */
  reload?: boolean;
  /** Whether a certificate is new: the reverse proxy then has to read its files again, even if no route changed. */
  renewed?: boolean;
}

async function bringInLine(
  layout: Layout,
  { drainMs, reload, renewed }: Required<MaintenanceOptions>,
): Promise<void> {
  const inMaintenance = releasesInMaintenance(layout);
  const refusing = new Set(
    inMaintenance.flatMap((each) => [each.service, ...each.releases.flatMap((release) => release.writers)]),
  );
  const changed = writeRoutes(layout, refusing);
  if ((changed.web || renewed) && reload) await reloadCaddy(layout, renewed);
  if (changed.tcp && reload) await reloadHaproxy(layout);

  const firewall = renderServerFirewall(trialOf(inMaintenance.flatMap((each) => each.releases)));
  if (inMaintenance.length > 0 && (changed.web || changed.tcp)) await sleep(drainMs);
  await run('nft', ['-f', '-'], { input: firewall });
}

/** The services in maintenance, with the releases that may be running in the trial: the old one and the new one. */
function releasesInMaintenance(layout: Layout): { service: string; releases: Release[] }[] {
  if (!existsSync(layout.journals)) return [];
  return readdirSync(layout.journals)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => lastOperation(readJournal(join(layout.journals, name))))
    .filter(isInMaintenance)
    .flatMap((entries) => {
      const operation = operationOf(entries);
      if (!operation) return [];
      const releases = [operation.from, operation.to]
        .filter((hash) => hash !== null && hasBundle(layout, operation.service, hash))
        .map((hash) => loadBundle(layout, operation.service, hash!).release);
      return [{ service: operation.service, releases }];
    });
}

function trialOf(releases: Release[]) {
  const networks = releases.map((each) => each.network);
  const unique = <T>(list: T[]): T[] => [
    ...new Map(list.map((each) => [JSON.stringify(each), each])).values(),
  ];
  return {
    bridges: unique(networks.flatMap((each) => (each.kind === 'bridge' ? [each.name] : []))),
    loginBridges: unique(
      releases.flatMap(({ login, network }) => (login && network.kind === 'bridge' ? [network.name] : [])),
    ),
    ports: unique(
      releases.flatMap((each) =>
        each.network.kind === 'host' ? [...each.network.ports, ...healthCheckPorts(each)] : [],
      ),
    ),
    uids: unique(networks.flatMap((each) => (each.kind === 'host' ? each.uids : []))),
    checkUid,
  };
}

const healthCheckPorts = (release: Release) =>
  release.healthChecks.map(({ port }) => ({ port, protocol: 'tcp' as const }));

/** Writes each service's routes, for the web and for other protocols. Returns which of them changed. */
function writeRoutes(layout: Layout, refusing: Set<string>): { web: boolean; tcp: boolean } {
  const web = new Map<string, string>();
  const tcp = new Map<string, string>();
  for (const service of existsSync(layout.services) ? readdirSync(layout.services) : []) {
    const hash = currentHash(layout, service);
    if (!hash || !hasBundle(layout, service, hash)) continue;
    const { release } = loadBundle(layout, service, hash);
    const state: RouteState = refusing.has(service)
      ? 'changing'
      : isSwitchedOff(layout, service)
        ? 'off'
        : 'open';
    if (release.routes.length > 0)
      web.set(`${service}.caddy`, renderRoutes(withCertificates(layout, release), state));
    if (release.tcpRoutes) tcp.set(`${service}.cfg`, renderTcpRoutes(release, state));
  }
  return {
    web: bringFolderInLine(layout.routes, '.caddy', web),
    tcp: bringFolderInLine(layout.tcpRoutes, '.cfg', tcp),
  };
}

/** Makes a folder's files with that ending exactly the wanted ones. Returns whether anything changed. */
function bringFolderInLine(folder: string, ending: string, wanted: Map<string, string>): boolean {
  mkdirSync(folder, { recursive: true });
  let changed = false;
  for (const name of readdirSync(folder)) {
    if (wanted.has(name) || !name.endsWith(ending)) continue;
    rmSync(join(folder, name));
    changed = true;
  }
  for (const [name, text] of wanted) {
    const path = join(folder, name);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    writeDurably(path, text);
    changed = true;
  }
  return changed;
}

/**
 * Leaves out names without a certificate: one such name would stop the reverse proxy from starting. They are added
 * once they have one.
 */
function withCertificates(layout: Layout, release: Release): Release {
  const has = (host: string) => existsSync(join(layout.certificates, host, 'tls.pem'));
  return { ...release, routes: release.routes.filter((each) => has(each.host)) };
}

/** Reloads Caddy's web routes. Does nothing when there is no reverse proxy. */
async function reloadCaddy(layout: Layout, force: boolean): Promise<void> {
  const reload = [
    'caddy',
    'reload',
    '--config',
    '/etc/caddy/Caddyfile',
    '--adapter',
    'caddyfile',
    '--address',
    'unix//run/caddy/admin.sock',
    ...(force ? ['--force'] : []),
  ];
  for (let left = 5; ; left -= 1) {
    try {
      await tellReverseProxy(layout, 'caddy', (program) => ['exec', '-T', program, ...reload]);
      return;
    } catch (error) {
      // With each new configuration Caddy reopens its admin socket, and requests on the old one get no answer.
      const wasCutOff =
        error instanceof Error && /performing request: .*(EOF|connection re)/.test(error.message);
      if (!wasCutOff || left === 1) throw error;
      await sleep(200);
    }
  }
}

/**
 * Reloads HAProxy: open connections stay with the old process until they end. The signal is sent from inside the
 * container, because Docker counts a container that gets a signal by `docker kill` as stopped by hand, and does not
 * start it at the next boot.
 */
async function reloadHaproxy(layout: Layout): Promise<void> {
  await tellReverseProxy(layout, 'haproxy', (program) => ['exec', '-T', program, 'sh', '-c', 'kill -USR2 1']);
}

/** Runs a command for one program of the reverse proxy, if that program is running here. */
async function tellReverseProxy(
  layout: Layout,
  program: string,
  what: (program: string) => string[],
): Promise<void> {
  const folder = layout.current(reverseProxy);
  if (!existsSync(folder)) return;
  const compose = ['compose', '--project-name', `haven-${reverseProxy}`];
  const running = await tryRun('docker', [...compose, 'ps', '--quiet', '--status', 'running', program], {
    cwd: folder,
  });
  if (running.code !== 0 || running.stdout.trim() === '') return;
  await run('docker', [...compose, ...what(program)], { cwd: folder, timeoutMs: 30_000 });
}
