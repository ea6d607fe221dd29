import { describeStuck } from './describe-stuck.ts';
import type { Entry, Operation, Task } from './entries.ts';
import { isCommitted, operationOf, stuckAt } from './transaction.ts';

/** What an abort leaves of an open operation, for its owner. */
export function describeAbort(entries: Entry[]): string {
  const operation = operationOf(entries);
  if (!operation) return '';
  const { service, from, to, versions = {}, task } = operation;
  const version = (name: string | undefined): string => (name === undefined ? '' : ` (${name})`);
  const stuck = stuckAt(entries);
  if (task) return describeTaskAbort(operation, task, entries);
  if (isCommitted(entries)) {
    const stays =
      to === null
        ? `${service} is already removed, and stays removed.`
        : `The new version of ${service}${version(versions.to)} already runs, and stays.`;
    return `${stays} What is left to do after the change is given up${stuck ? `: ${describeStuck(stuck)}` : '.'}`;
  }
  if (from === null) return `The change of ${service} is undone: it is removed again, because it is new.`;
  const undone = `The change of ${service} is undone: its previous version${version(versions.from)} is back, with the data from before.`;
  return stuck ? `${undone} It may not work: ${describeStuck(stuck)}` : undone;
}

function describeTaskAbort({ service }: Operation, { kind }: Task, entries: Entry[]): string {
  const stuck = stuckAt(entries);
  const why = stuck ? ` It may not work: ${describeStuck(stuck)}` : '';
  if (kind === 'backup')
    return isCommitted(entries)
      ? `The backup of ${service} is already made. What is left to do after it is given up.${why}`
      : `The backup of ${service} is given up: ${service} runs again, as before.${why}`;
  return isCommitted(entries)
    ? `The data of ${service} is already restored, and stays. What is left to do after that is given up.${why}`
    : `The restore of ${service} is undone: it runs again with the data from before.${why}`;
}
