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

export type Step = (typeof forwardSteps)[number] | (typeof committedSteps)[number];
export type Outcome = 'committed' | 'undone';

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
  /** Who asked for it, `user@machine`; left out if it was not deployed by `haven`. */
  by?: string;
  /**
   * The services that were not healthy when it began; left out when there were none. An undo starts them as they were,
   * and does not have to make them healthy.
   */
  unhealthyBefore?: string[];
}

/** What a deploy asks for. */
export type WantedOperation = Pick<Operation, 'id' | 'service' | 'to' | 'by'>;

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
