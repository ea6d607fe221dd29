import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openZones } from '../../components/dns-providers.ts';
import { type ExistingRecord, renderZoneFile, zoneLine } from '../../core/dns/existing-record.ts';
import { recordMark } from '../../core/dns/record.ts';
import type { Plan } from '../../core/plan/plan.ts';

/**
 * Keeps each zone as it is before our first change, in `before.zone/`, and again before a change takes a record that no
 * kept file has. Nothing kept is ever overwritten.
 */
export async function keepZones(
  directory: string,
  plan: Pick<Plan, 'haven' | 'zones'>,
  environment: Record<string, string>,
  toLose: ExistingRecord[],
): Promise<void> {
  const folder = join(directory, 'before.zone');
  for (const [zone, zones] of openZones(plan.zones, environment)) {
    const kept = keptLines(folder, zone);
    const isKept = toLose.filter((each) => each.zone === zone).every((each) => kept?.has(zoneLine(each)));
    if (kept && isKept) continue;
    const records = (await zones.records(zone)).filter((each) => each.comment !== recordMark(plan.haven.id));
    const at = new Date().toISOString();
    const file = kept ? `${zone}.${at.replaceAll(':', '-')}.zone` : `${zone}.zone`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), renderZoneFile(zone, records, at), { flag: 'wx', flush: true });
  }
}

/** All lines of what was kept of a zone; undefined where nothing was. */
function keptLines(folder: string, zone: string): Set<string> | undefined {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const files = names.filter((name) => name === `${zone}.zone` || isLaterCopy(name, zone));
  if (files.length === 0) return undefined;
  return new Set(files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n')));
}

const isLaterCopy = (name: string, zone: string): boolean =>
  name.startsWith(`${zone}.`) && /^\d{4}-\d\d-\d\dT.*\.zone$/.test(name.slice(zone.length + 1));
