import type { BackupStatus } from '../../agent/backups/backup-status.ts';
import type { Asked } from '../../components/provider/ask-together.ts';
import { serverBackup } from '../../core/backups/server-backup.ts';
import type { ServiceStatus } from './service-status.ts';

/** How old the newest backups are, and when one was last restored. `now` is the server's time. */
export async function checkBackups(agent: Asked, now: number): Promise<ServiceStatus[]> {
  return judgeBackupStatus(await agent.call<BackupStatus>(['backup-status']), now);
}

export function judgeBackupStatus({ settings, services }: BackupStatus, now: number): ServiceStatus[] {
  const service = 'backups';
  if (settings === null)
    return [{ service, good: false, evidence: 'the server does not have them yet. Run: haven up' }];
  const wrong = services.flatMap(({ problem, lastFailure }) =>
    problem ? [`${problem.what}${lastFailure ? ` ${lastFailure.why}` : ''} ${problem.fix}`] : [],
  );
  if (wrong.length > 0) return wrong.map((evidence) => ({ service, good: false, evidence }));
  const made = services.filter((each) => each.service !== serverBackup);
  const dates = made.flatMap(({ lastBackupAt }) => lastBackupAt ?? []).toSorted();
  const missing = made.filter(({ lastBackupAt }) => lastBackupAt === null).map((each) => each.service);
  const evidence = [ageText(dates[0], missing, settings.time, now), restoreText(made, now)];
  return [{ service, good: true, evidence: evidence.join('; ') }];
}

function ageText(oldest: string | undefined, missing: string[], time: string, now: number): string {
  if (oldest === undefined) return `the first is made at ${time}. To make one now, run: haven backup now`;
  const age = `at most ${ago(oldest, now)} old`;
  return missing.length === 0
    ? `every service has one that is ${age}`
    : `no backup yet of ${missing.join(', ')}; those of the other services are ${age}`;
}

/** A backup is proved by a restore alone. */
function restoreText(services: BackupStatus['services'], now: number): string {
  const restores = services.flatMap(({ service, lastRestoreAt }) =>
    lastRestoreAt === null ? [] : [{ service, at: lastRestoreAt }],
  );
  const last = restores.toSorted((a, b) => b.at.localeCompare(a.at))[0];
  return last === undefined
    ? 'none was ever restored, so none is proved'
    : `last restored ${ago(last.at, now)} ago (${last.service})`;
}

const minuteMs = 60_000;

/** `12 minutes`, `5 hours`, `3 days` */
function ago(at: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(at)) / minuteMs));
  if (minutes < 120) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}
