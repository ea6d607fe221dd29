import { committedSteps, forwardSteps, type Step } from '../../core/operations/entries.ts';

/** Every point at which the agent may be cut off on the way forward through these steps, in order. */
export const crashPointsOf = (steps: readonly Step[]): string[] => [
  ...steps.flatMap((step) => ['before', 'begun', 'effect', 'done'].map((point) => `do:${step}:${point}`)),
  'commit:before',
  'commit:done',
  ...committedSteps.flatMap((step) =>
    ['before', 'begun', 'effect', 'done'].map((point) => `do:${step}:${point}`),
  ),
  'finish:before',
];

/** Those of a deploy. */
export const forwardCrashPoints: string[] = crashPointsOf(forwardSteps);

/** Is an operation committed that is cut off at this point on the way forward? */
export const isCommittedAt = (points: string[], point: string): boolean =>
  points.indexOf(point) >= points.indexOf('commit:done');

/** Every point on the way back. */
export const backwardCrashPoints: string[] = forwardSteps
  .toReversed()
  .filter((step) => step !== 'check')
  .flatMap((step) => ['before', 'begun', 'effect'].map((point) => `undo:${step}:${point}`))
  .concat('finish:before');

/** The seed of a run of crash tests: printed at its start, and set with HAVEN_SEED to repeat the run. */
export const seedOfThisRun = (): number => Number(process.env.HAVEN_SEED ?? Date.now() % 100_000);

/** Random numbers from a seed (mulberry32), so that a run can be repeated. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Some of a list, each at most once, in the list's order. */
export function chooseSome<T>(all: T[], count: number, random: () => number): T[] {
  const numbers = all.map((_, index) => ({ index, order: random() }));
  const chosen = numbers.toSorted((a, b) => a.order - b.order).slice(0, count);
  return chosen.toSorted((a, b) => a.index - b.index).map(({ index }) => all[index]!);
}
