import { tryRun } from '../../system/run.ts';

/** A unit of systemd that a server of a haven has enabled. */
export interface ServerUnit {
  name: string;
  /** Runs all the time, or waits for its time. The others run once, at boot or when something asks for them. */
  stays: boolean;
}

const atBoot = (name: string): ServerUnit => ({ name, stays: false });
const always = (name: string): ServerUnit => ({ name, stays: true });

/** The units of {@link serverFiles} that have an `[Install]`, and Docker's, which Debian's package brings. */
export const serverUnits = (hasVolume: boolean): ServerUnit[] => [
  atBoot('haven-maintenance.service'),
  atBoot('haven-recover.service'),
  ...(hasVolume ? [atBoot('haven-volume.service')] : []),
  always('haven-recover.timer'),
  always('haven-certificates.timer'),
  always('haven-users.timer'),
  always('haven-status.timer'),
  always('haven-alarms.timer'),
  always('haven-mail-way.timer'),
  always('haven-backup.timer'),
  always('haven-backup-upload.timer'),
  always('docker.service'),
];

/** What systemd says of a unit, by the names of its properties (org.freedesktop.systemd1(5)). */
export type SeenUnit = Record<string, string>;

const properties = ['Id', 'LoadState', 'ActiveState', 'UnitFileState', 'NeedDaemonReload'];

/** Asks systemd about units, all at once. */
export async function readUnits(units: ServerUnit[]): Promise<Map<string, SeenUnit>> {
  const names = units.map(({ name }) => name);
  const shown = await tryRun('systemctl', ['show', `--property=${properties.join(',')}`, ...names], {
    timeoutMs: 30_000,
  });
  if (shown.code !== 0) throw new Error(`systemd can't say which units run: ${shown.stderr.trim()}`);
  return parseUnits(shown.stdout);
}

/** `systemctl show` of several units: lines `Name=value`, and an empty line between two units. */
export function parseUnits(shown: string): Map<string, SeenUnit> {
  const blocks = shown.trim().split('\n\n');
  const units = blocks.map((block) =>
    Object.fromEntries(
      block.split('\n').map((line) => [line.split('=', 1)[0]!, line.slice(line.indexOf('=') + 1)]),
    ),
  );
  return new Map(units.flatMap((unit) => (unit.Id === undefined ? [] : [[unit.Id, unit]])));
}

/** What is wrong with a unit, for people to read; undefined when nothing is. */
export function unitProblem({ name, stays }: ServerUnit, seen: SeenUnit | undefined): string | undefined {
  if (!seen || seen.LoadState === 'not-found') return `${name} (missing)`;
  if (seen.LoadState !== 'loaded') return `${name} (${seen.LoadState})`;
  // While Docker starts again it is "activating".
  const isDown = stays && ['inactive', 'failed', 'deactivating'].includes(seen.ActiveState ?? '');
  const problems = [
    ...(seen.UnitFileState === 'enabled' ? [] : [seen.UnitFileState || 'not enabled']),
    ...(isDown ? [`${seen.ActiveState}`] : []),
    ...(seen.NeedDaemonReload === 'yes' ? ['not loaded as its file is'] : []),
  ];
  return problems.length > 0 ? `${name} (${problems.join(', ')})` : undefined;
}
