import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { olderProblem } from '../../core/operations/agent-install.ts';
import { run } from '../../system/run.ts';
import { checkUid } from '../effects/as-checker.ts';
import { applyBans } from '../effects/bans.ts';
import { applyMaintenance } from '../effects/maintenance.ts';
import { applyRoutes } from '../effects/served-routes.ts';
import { writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { agentVersion } from './agent-version.ts';
import { compileAgent } from './compiled-agent.ts';
import { ensurePackages } from './packages.ts';
import { agentFiles, loadKernelSettings, serverFiles } from './server-files.ts';
import { checkUserUid, fileProblem, lookAtKernel, readSeen } from './server-look.ts';
import { readUnits, type ServerUnit, serverUnits, unitProblem } from './server-units.ts';
import { setUpVolume, type VolumeOrder } from './volume.ts';

/** Docker takes its time to stop and start; systemd gives each 90 s (DefaultTimeoutStartSec). */
const startMs = 5 * 60_000;

/** Sets a Debian 13 up as a haven's server. Run again, it only changes what differs. */
export async function setUpServer(layout: Layout, ordered: VolumeOrder | null): Promise<string[]> {
  const changed: string[] = await ensurePackages();
  await ensureUser(changed);
  const found = ordered && (await setUpVolume(layout, ordered));
  const volume = found?.volume ?? null;
  const older = olderProblem(agentVersion, setUpBy(layout));
  if (older) throw new Error(older);
  writeDurably(layout.setUpBy, `${agentVersion}\n`);
  mkdirSync(layout.journals, { recursive: true });
  mkdirSync(layout.routes, { recursive: true });
  mkdirSync(layout.tcpRoutes, { recursive: true });
  mkdirSync(layout.routeStates('maintenance'), { recursive: true });
  mkdirSync(layout.routeStates('stopped'), { recursive: true });
  mkdirSync(layout.status, { recursive: true });
  mkdirSync(layout.certificates, { recursive: true });
  mkdirSync(layout.challenges, { recursive: true });

  const after = new Map<string, string[]>();
  for (const file of serverFiles({ volume })) {
    const problem = fileProblem(file, readSeen(file.path));
    if (problem === undefined) continue;
    writeDurably(file.path, file.text, file.mode ?? 0o644);
    chmodSync(file.path, file.mode ?? 0o644);
    changed.push(file.path);
    if (file.apply && problem !== 'rights') after.set(file.apply.join(' '), file.apply);
  }
  compileAgent(agentFiles);
  const kernel = lookAtKernel();
  changed.push(...kernel);
  if (kernel.length > 0) after.set(loadKernelSettings.join(' '), loadKernelSettings);
  // systemd has to know the units before anything is restarted by name.
  const order = [...after.values()].sort(
    (a, b) => Number(b.includes('daemon-reload')) - Number(a.includes('daemon-reload')),
  );
  for (const [command, ...args] of order) await run(command!, args, { timeoutMs: startMs });
  changed.push(...(await enableUnits(serverUnits(volume !== null))));
  await applyMaintenance(layout);
  await applyRoutes(layout);
  await applyBans(layout, { hasNewSettings: changed.some((each) => each.includes('fail2ban')) });
  return [...(found?.changed ?? []), ...changed];
}

/** The version that the volume remembers: a new server may be made for a volume of a newer one. */
const setUpBy = (layout: Layout): string | null =>
  existsSync(layout.setUpBy) ? readFileSync(layout.setUpBy, 'utf8').trim() : null;

/** Enables and starts the units that should be. Returns what was wrong. */
async function enableUnits(units: ServerUnit[]): Promise<string[]> {
  const seen = await readUnits(units);
  const amiss = units.flatMap((unit) => unitProblem(unit, seen.get(unit.name)) ?? []);
  if (amiss.length === 0) return [];
  await run('systemctl', ['daemon-reload'], { timeoutMs: startMs });
  await run('systemctl', ['enable', '--quiet', ...units.map(({ name }) => name)], { timeoutMs: startMs });
  const staying = units.filter(({ stays }) => stays).map(({ name }) => name);
  await run('systemctl', ['start', ...staying], { timeoutMs: startMs });
  return amiss;
}

/** The user that runs health checks. Nobody can log in as it. */
async function ensureUser(changed: string[]): Promise<void> {
  const uid = await checkUserUid();
  if (uid === checkUid) return;
  if (uid !== null) await run('userdel', ['haven-check']);
  const args = [
    '--system',
    '--uid',
    String(checkUid),
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
  ];
  await run('useradd', [...args, 'haven-check']);
  changed.push('user haven-check');
}
