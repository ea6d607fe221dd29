import type { BackupMemory } from './backup-memory.ts';
import { serverBackup } from './server-backup.ts';

/** What the server knows of its backups. Times without "At" are milliseconds since 1970. */
export interface BackupFacts {
  memory: BackupMemory;
  /** What has to be backed up, and since when: services by their names, and the server itself. */
  expected: Record<string, number>;
  /** What waits to be sent. */
  waiting: { service: string }[];
}

/** How the backups of one service are. Moments are ISO 8601, UTC; null where there was none. */
export interface BackupHealth {
  service: string;
  /** The moment whose data the newest backup has. */
  lastBackupAt: string | null;
  /** When one was last restored, and worked. */
  lastRestoreAt: string | null;
  /** How many wait to be sent. */
  waiting: number;
  /** The newest that was given up before it was sent, since then. */
  droppedAt?: string;
  /** Why the last try failed; left out when it did not. It may quote programs. */
  lastFailure?: { at: string; why: string };
  /** What is wrong, in our own words. */
  problem?: { what: string; fix: string };
}

const hourMs = 3_600_000;
/** A night, and two hours for it to take. */
const tooOldMs = 26 * hourMs;
/** The upload is tried each hour, so this is a storage that was away for a while. */
const manyFailures = 3;

/** All services that have to be backed up or once were, by name. */
export function judgeBackups({ memory, expected, waiting }: BackupFacts, now: number): BackupHealth[] {
  const services = [...new Set([...Object.keys(expected), ...Object.keys(memory)])].toSorted();
  return services.map((service) => {
    const { success, failure, restore, dropped } = memory[service] ?? {};
    const isDropLater = dropped !== undefined && !(success && success.at > dropped.at);
    const since = expected[service];
    const problem = since === undefined ? undefined : problemOf(service, memory[service], since, now);
    return {
      service,
      lastBackupAt: success?.at ?? null,
      lastRestoreAt: restore?.at ?? null,
      waiting: waiting.filter((each) => each.service === service).length,
      ...(isDropLater && { droppedAt: dropped.at }),
      ...(failure && { lastFailure: { at: failure.at, why: failure.why } }),
      ...(problem && { problem }),
    };
  });
}

const fix = 'To see why, run: haven alarm list   To make one now, run: haven backup now';

function problemOf(
  service: string,
  known: BackupMemory[string] | undefined,
  since: number,
  now: number,
): BackupHealth['problem'] {
  const name = service === serverBackup ? 'the server itself' : service;
  const { success, failure } = known ?? {};
  if (success && now - Date.parse(success.at) > tooOldMs) {
    const hours = Math.floor((now - Date.parse(success.at)) / hourMs);
    return { what: `The last backup of ${name} is ${ageText(hours)} old.`, fix };
  }
  if (!success && now - since > tooOldMs)
    return { what: `There is no backup of ${name} yet, more than a day after the first was due.`, fix };
  if (failure && failure.times >= manyFailures)
    return { what: `The backup of ${name} failed ${failure.times} times in a row.`, fix };
  return undefined;
}

const ageText = (hours: number): string => (hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`);
