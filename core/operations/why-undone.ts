import type { Entry } from './entries.ts';
import { historyOf } from './history.ts';

/** What an owner reads when a change of a service was undone. `release`: what runs now, null for nothing. */
export function whyUndone(service: string, release: string | null, entries: Entry[]): string {
  const past = historyOf(entries).at(-1);
  const before =
    release === null
      ? 'It was removed again.'
      : past?.unwell === undefined
        ? 'The previous release is running again, with its data.'
        : `The previous release is back, with its data, but it does not work: ${past.unwell}`;
  const why = past?.why ?? (past?.abortedBy ? `it was aborted by ${past.abortedBy}` : 'it was interrupted');
  return `${service} did not start, and the change was undone. ${before}\n${why}`;
}
