import { describePlace } from '../backups/backup-place.ts';
import type { BackupSettings, KeptBackups } from '../backups/backup-settings.ts';
import { canonical } from '../release/release.ts';
import type { Change } from './changes.ts';

const settingsOf = (inputs: Record<string, unknown> | undefined): BackupSettings | undefined =>
  inputs?.settings as BackupSettings | undefined;

const keptText = ({ days, weeks, months }: KeptBackups): string =>
  `${days} daily, ${weeks} weekly, ${months} monthly`;

/** A change of where backups go and when: what the plan calls it, and what happens. */
export function describeBackups({ kind, before, after }: Change): { name: string; detail: string } {
  const [old, next] = [settingsOf(before), settingsOf(after)];
  const shown = next ?? old;
  if (!shown) return { name: '', detail: '' };
  const name = `each night at ${shown.time}`;
  const place = describePlace(shown.place);
  if (kind === 'delete')
    return { name, detail: `no more backups are made; those that exist are kept (${place})` };
  if (kind !== 'create' && old && next) return { name, detail: differences(old, next) };
  return { name, detail: `to ${place}, and before each change; kept: ${keptText(shown.keep)}` };
}

/** What differs, as before → after. A secret is named when its generation differs. */
function differences(old: BackupSettings, next: BackupSettings): string {
  const pair = (before: string, after: string, what: string): string[] =>
    before === after ? [] : [`${what}: ${before} → ${after}`];
  const secrets = Object.keys({ ...old.secrets, ...next.secrets }).filter(
    (each) => old.secrets[each] !== next.secrets[each],
  );
  return [
    ...pair(old.time, next.time, 'time'),
    ...pair(old.timeZone, next.timeZone, 'time zone'),
    ...placeDifferences(old, next),
    ...pair(keptText(old.keep), keptText(next.keep), 'kept'),
    ...(secrets.length > 0 ? [`changed: ${secrets.join(', ')}`] : []),
  ].join('; ');
}

/** Another bucket, server or folder has none of the backups that exist. How the same one is reached is a detail. */
function placeDifferences({ place: old }: BackupSettings, { place: next }: BackupSettings): string[] {
  const [from, to] = [describePlace(old), describePlace(next)];
  const kept = '(those that exist are kept there, and are not copied)';
  if (from !== to) return [`place: ${from} ${kept} → ${to}`];
  if (old.folder !== next.folder) return [`folder: ${old.folder} ${kept} → ${next.folder}`];
  const [before, after]: Record<string, unknown>[] = [{ ...old }, { ...next }];
  const changed = Object.keys({ ...before, ...after }).filter(
    (key) => canonical(before?.[key] ?? null) !== canonical(after?.[key] ?? null),
  );
  return changed.map((key) => `${key}: ${before?.[key] ?? 'none'} → ${after?.[key] ?? 'none'}`);
}
