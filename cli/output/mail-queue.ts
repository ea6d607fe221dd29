import { z } from 'zod';
import type { WaitingEmail } from '../../core/mail/mail-queue.ts';
import { localTime } from './local-time.ts';

/** What waits in the queue, as `--json` prints it. */
export const queueOutput = z.array(
  z.strictObject({
    id: z.string(),
    /** When it was accepted, in UTC (RFC 3339). */
    since: z.string(),
    bytes: z.number(),
    /** Empty for a report about an email that could not be delivered. */
    from: z.string(),
    state: z.enum(['trying', 'waiting', 'held', 'arriving']),
    nextTry: z.string().optional(),
    to: z.array(
      z.strictObject({
        address: z.string(),
        /** Why it has not got there, as a sentence. */
        why: z.string().optional(),
        /** What Postfix noted of the last try. */
        said: z.string().optional(),
      }),
    ),
  }),
);

/** The emails that wait: from whom, since when, to whom, why, and when they are tried again. */
export function renderQueue(queue: WaitingEmail[], timeZone: string): string {
  if (queue.length === 0) return '  No email waits.';
  const emails = queue.flatMap((each) => [
    `  ${each.id}  ${nameOfEmail(each)}, since ${localTime(each.since, timeZone)}, ${size(each.bytes)}`,
    ...each.to.map(({ address, why }) => `      to ${address}${why === undefined ? '' : `: ${why}`}`),
    `      ${next(each, timeZone)}`,
  ]);
  const count = queue.length === 1 ? '1 email waits' : `${queue.length} emails wait`;
  return [
    ...emails,
    '',
    `  ${count}. To try now, run: haven mail queue retry   To delete one, run: haven mail queue delete ID`,
  ].join('\n');
}

/** `from ada@example.org`, or what it is if it has no sender. */
export const nameOfEmail = ({ from }: Pick<WaitingEmail, 'from'>): string =>
  from === '' ? 'a report of a failed delivery' : `from ${from}`;

function next({ state, nextTry }: WaitingEmail, timeZone: string): string {
  if (state === 'trying') return 'is being delivered now';
  if (state === 'arriving') return 'is being accepted now';
  if (state === 'held') return 'is held until Postfix is told to release it (postsuper -H)';
  return nextTry === undefined ? 'is tried again soon' : `is tried again at ${localTime(nextTry, timeZone)}`;
}

const size = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
