import { sendersOverLimit, tooManyRecipients } from '../../core/mail/sending-limit.ts';
import { RunError } from '../../system/run.ts';
import { currentReleases } from '../effects/current-releases.ts';
import type { Layout } from '../store/layout.ts';
import { literal, searchJournal } from './search-journal.ts';

/** The addresses of users who wrote to too many recipients in the last hour; null if the journal does not answer. */
export async function reachedLimits(layout: Layout): Promise<string[] | null> {
  // Services whose Postfix writes to the journal, as those do that count failed logins there.
  const services = currentReleases(layout).filter(({ failedLogins }) =>
    failedLogins?.some(({ container }) => container === 'postfix'),
  );
  try {
    const found = await Promise.all(
      services.map(({ service }) => searchJournal([service, 'postfix'], literal(tooManyRecipients), 3600)),
    );
    return sendersOverLimit(found.flat());
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    return null;
  }
}
