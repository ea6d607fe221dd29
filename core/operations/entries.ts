/**
 * What a service's journal says: the steps of an operation, in their order, and the entries that are written of them. Who
 * decides what comes next is `core/operations/transaction.ts`.
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
/** A change of routes alone: programs and data stay as they are. */
export const lightSteps = ['prepare', 'switch', 'check'] as const;

export type Step = (typeof forwardSteps)[number] | (typeof committedSteps)[number];
export type Outcome = 'committed' | 'undone';

export interface Operation {
  id: string;
  service: string;
  /** Hash of the release that is current; null when the service is new. */
  from: string | null;
  /** Hash of the release to come; null removes the service (its data stay). */
  to: string | null;
  /** Programs or data change, so the full way is taken; otherwise the light one. */
  touchesPrograms: boolean;
}

export type Entry =
  | { entry: 'open'; at: string; operation: Operation }
  /** A process took the operation up: the first time, or again after it was cut off. */
  | { entry: 'run'; at: string; op: string }
  | { entry: 'do' | 'undo' | 'undid'; at: string; op: string; step: Step }
  | { entry: 'did'; at: string; op: string; step: Step; note?: Record<string, unknown> }
  | { entry: 'failed'; at: string; op: string; step: Step; why: string }
  | { entry: 'commit'; at: string; op: string }
  | { entry: 'finished'; at: string; op: string; outcome: Outcome };
