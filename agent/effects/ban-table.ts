import { join } from 'node:path';
import { setsIn } from '../../core/bans/ban.ts';
import { banTable, ofBanSet, type PublicPort, renderBanTable } from '../../core/bans/ban-table.ts';
import type { Release } from '../../core/release/release.ts';
import { run, tryRun } from '../../system/run.ts';
import { withLock } from '../../system/with-lock.ts';
import { damageOf } from '../store/damage.ts';
import type { Layout } from '../store/layout.ts';
import { currentReleases } from './current-releases.ts';

/** The web is closed to banned visitors even where the release of the reverse proxy can't be read. */
const webPorts: PublicPort[] = [
  { port: 80, protocol: 'tcp' },
  { port: 443, protocol: 'tcp' },
  { port: 443, protocol: 'udp' },
];

/** What visitors reach from outside, which is what a banned one does not. */
export const publicPorts = (releases: Release[]): PublicPort[] => [
  ...webPorts,
  ...releases.flatMap(({ network, tcpRoutes = [] }) => [
    ...(network.kind === 'host' ? network.ports : []),
    ...tcpRoutes.map(({ public: port }) => ({ port, protocol: 'tcp' as const })),
  ]),
];

/** The table as `nft --json` prints it; undefined where there is none yet. */
export async function readBanTable(): Promise<string | undefined> {
  const { code, stdout, stderr } = await tryRun('nft', ['--json', 'list', 'table', ...banTable.split(' ')], {
    timeoutMs: 30_000,
  });
  if (code === 0) return stdout;
  if (stderr.includes('No such file or directory')) return undefined;
  throw new Error(`The bans could not be read: ${stderr.trim()}. Run: haven status`);
}

/**
 * Makes the table what the current releases need, without an end to any ban. Sets of other services are kept, because
 * fail2ban may still use them. With `isClean`, only those of damaged ones are.
 */
export async function loadBanTable(layout: Layout, { isClean = false } = {}): Promise<void> {
  // Services are changed in parallel: the last to load must have seen the releases of all.
  await withLock(join(layout.run, 'ban-table.lock'), () => load(layout, isClean));
}

async function load(layout: Layout, isClean: boolean): Promise<void> {
  const releases = currentReleases(layout);
  const wanted = releases.filter(({ failedLogins }) => failedLogins).map(({ service }) => service);
  const table = await readBanTable();
  const there = table === undefined ? [] : setsIn(table);
  const serviceOf = (set: string): string => ofBanSet(set)?.service ?? '';
  const mayStay = (service: string): boolean => !isClean || damageOf(layout, service) !== undefined;
  const services = [...new Set([...wanted, ...there.map(serviceOf).filter((each) => each && mayStay(each))])];
  const input = renderBanTable({
    services,
    ports: publicPorts(releases),
    leftovers: there.filter((set) => !services.includes(serviceOf(set))),
  });
  await run('nft', ['-f', '-'], { input, timeoutMs: 30_000 });
}
