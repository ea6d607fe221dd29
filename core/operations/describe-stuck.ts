import type { Step } from './entries.ts';
import type { Stuck } from './transaction.ts';

/** What the undo of each step does; of the steps after the commit, what they do. */
const words: Record<Step, string> = {
  prepare: 'removing what was prepared',
  fetch: 'removing what was fetched',
  'enter-maintenance': 'leaving maintenance',
  'stop-old': 'starting the previous version',
  snapshot: 'restoring the data',
  replace: 'restoring the secrets',
  switch: 'switching back to the previous version',
  start: 'stopping the new version',
  check: 'undoing the checks',
  'leave-maintenance': 'leaving maintenance',
  tidy: 'removing what is no longer required',
};

/** `starting the previous version fails: app ended with status 2` */
export const describeStuck = ({ step, why }: Pick<Stuck, 'step' | 'why'>): string =>
  `${words[step]} fails: ${why}`;
