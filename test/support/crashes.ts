import { committedSteps, forwardSteps } from '../../core/operations/entries.ts';

/** Every point at which the agent may be cut off on the way forward, in order. */
export const forwardCrashPoints: string[] = [
  ...forwardSteps.flatMap((step) =>
    ['before', 'begun', 'effect', 'done'].map((point) => `do:${step}:${point}`),
  ),
  'commit:before',
  'commit:done',
  ...committedSteps.flatMap((step) =>
    ['before', 'begun', 'effect', 'done'].map((point) => `do:${step}:${point}`),
  ),
  'finish:before',
];

/** Every point on the way back. */
export const backwardCrashPoints: string[] = forwardSteps
  .toReversed()
  .filter((step) => step !== 'check')
  .flatMap((step) => ['before', 'begun', 'effect'].map((point) => `undo:${step}:${point}`))
  .concat('finish:before');

/** Numbers from a seed (mulberry32), so that a run can be had again. */
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

export function pick<T>(list: readonly T[], count: number, random: () => number): T[] {
  const rest = [...list];
  return Array.from(
    { length: Math.min(count, rest.length) },
    () => rest.splice(Math.floor(random() * rest.length), 1)[0]!,
  );
}
