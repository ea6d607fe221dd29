import type { BackupReason } from '../backups/backup.ts';

/**
 * The vocabulary of a service's journal: an operation's steps in their order, and the entries about them. What comes
 * next is decided in `core/operations/transaction.ts`.
 */
export const forwardSteps = [
  'prepare',
  'enter-maintenance',
  'stop-old',
  'snapshot',
  'switch',
  'start',
  'check',
] as const;
export const committedSteps = ['leave-maintenance', 'tidy'] as const;
/** The steps of a change that only affects routes: programs and data are left alone. */
export const lightSteps = ['prepare', 'switch', 'check'] as const;
/** The steps of a backup: the service stops for as long as its data takes to be snapshotted, and starts again. */
export const backupSteps = ['enter-maintenance', 'stop-old', 'snapshot', 'start'] as const;
/**
 * The steps of a restore: `fetch` brings the data beside the service, which still runs; `replace` puts it in the place of
 * what is there.
 */
export const restoreSteps = [
  'fetch',
  'enter-maintenance',
  'stop-old',
  'snapshot',
  'replace',
  'start',
  'check',
] as const;

export type Step =
  | (typeof forwardSteps)[number]
  | (typeof restoreSteps)[number]
  | (typeof committedSteps)[number];
export type Outcome = 'committed' | 'undone';

/** What an operation is for that deploys nothing: the release stays the one that runs. */
export type Task = BackupTask | RestoreTask;
export interface BackupTask {
  kind: 'backup';
  why: BackupReason;
}
export interface RestoreTask {
  kind: 'restore';
  /** A backup at the owner's place, or the snapshot on the volume that an operation took before it changed data. */
  source: { backup: string } | { snapshot: string };
  /** The moment whose data comes back (ISO 8601, UTC). */
  at: string;
}

export interface Operation {
  id: string;
  service: string;
  /** Hash of the current release; null when the service is new. */
  from: string | null;
  /** Hash of the next release; null removes the service (its data is kept). */
  to: string | null;
  /** Whether programs or data change: then all steps run, otherwise the light ones. */
  touchesPrograms: boolean;
  /** The programs' own versions, for people. Left out for a release whose bundle is not here. */
  versions?: { from?: string; to?: string };
  /** Who asked for it, `user@machine`; left out if it was not asked for by `haven`. */
  by?: string;
  /** Left out for a deploy. `from` and `to` are the same release then. */
  task?: Task;
  /**
   * The services that were not healthy when it began; left out when there were none. An undo starts them as they were,
   * and does not have to make them healthy.
   */
  unhealthyBefore?: string[];
}

/** What is asked for: a deploy of a release, or a task on the one that runs. */
export type WantedOperation = Pick<Operation, 'id' | 'service' | 'by'> &
  ({ to: string | null; task?: undefined } | { to?: undefined; task: Task });

export type Entry =
  | { entry: 'open'; at: string; operation: Operation }
  /** A process started working on the operation: for the first time, or again after an interruption. */
  | { entry: 'run'; at: string; op: string }
  | { entry: 'do' | 'undo'; at: string; op: string; step: Step }
  | { entry: 'did' | 'undid'; at: string; op: string; step: Step; note?: Note }
  | { entry: 'failed'; at: string; op: string; step: Step; why: string }
  /** A step that has to succeed failed in this run of the agent. The next run tries it again. */
  | { entry: 'retry'; at: string; op: string; step: Step; why: string }
  /** It was given up. It is undone (or, after its commit, finished), and what fails of that is left as it is. */
  | { entry: 'abort'; at: string; op: string; by: string }
  | { entry: 'commit'; at: string; op: string }
  /** `unwell` says what does not work, although the operation is over. */
  | { entry: 'finished'; at: string; op: string; outcome: Outcome; unwell?: string };

/** What a step has to say. `unwell`: it counts, but this does not work. */
export interface Note extends Record<string, unknown> {
  unwell?: string;
}
