import type { Entry } from './entries.ts';
import { historyOf } from './history.ts';

/** What an owner reads when a restore was undone. */
export function whyNotRestored(service: string, entries: Entry[]): string {
  const past = historyOf(entries).at(-1);
  const wasFetched = entries.some((each) => each.entry === 'did' && each.step === 'fetch');
  const why = past?.why ?? (past?.abortedBy ? `it was aborted by ${past.abortedBy}` : 'it was interrupted');
  if (!wasFetched)
    return `the data of the backup could not be fetched. Nothing was changed, and ${service} runs.\n${why}`;
  const before =
    past?.unwell === undefined
      ? `${service} runs again, with the data from before.`
      : `The data from before is back, but ${service} does not work: ${past.unwell}`;
  return `${service} did not start with the data of the backup, and the restore was undone. ${before}\n${why}`;
}
