import type { Problem } from '../problem.ts';
import type { Backup } from './backup.ts';
import { parseZonedTime } from './zoned-time.ts';

/** Which backup of a service is meant: the newest, or the newest at or before a time. */
export interface BackupChoice {
  service: string;
  /** As it was typed; left out for the newest. */
  at?: string | undefined;
  timeZone: string;
}

/** The backup that is meant, or what is wrong with the choice. */
export function chooseBackup(
  backups: Backup[],
  { service, at, timeZone }: BackupChoice,
): { backup: Backup } | { problem: Problem } {
  const where = `haven restore ${service}`;
  const remedy = `To see them, run: haven backup list ${service}`;
  const byAge = backups.filter((each) => each.service === service).toSorted((a, b) => (a.at < b.at ? 1 : -1));
  const newest = byAge[0];
  if (!newest)
    return {
      problem: { where, what: `${service} has no backup yet.`, remedy: 'Make one: haven backup now' },
    };
  if (at === undefined) return { backup: newest };
  const moment = parseZonedTime(at, timeZone);
  if (!moment)
    return {
      problem: {
        where: `${where} --at`,
        what: `"${at}" is not a time.`,
        remedy: `Type it like "2026-11-28 03:30" (in ${timeZone}), or like 2026-11-28 for the last backup of that day.`,
      },
    };
  const backup = byAge.find((each) => each.at <= moment.toISOString());
  if (backup) return { backup };
  const oldest = byAge.at(-1)!;
  return {
    problem: {
      where: `${where} --at`,
      what: `there is no backup of ${service} from "${at}" or before. The oldest is from ${oldest.at}.`,
      remedy,
    },
  };
}
