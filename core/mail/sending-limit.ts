import type { LogLine } from './log-line.ts';
import { refusalsIn } from './mail-log.ts';

/** What a user's mail program is told once its user has written to too many recipients (services/mail/ratelimit-conf.ts). */
export const tooManyRecipients =
  'You have written to too many recipients within a short time. Try again in an hour.';

/** The addresses with which users were refused because of that, each once. */
export const sendersOverLimit = (lines: LogLine[]): string[] => [
  ...new Set(
    refusalsIn(lines).flatMap(({ from, reason }) =>
      // Alarms show it outside of this cloud, so nothing but a plain address.
      reason === `4.7.1 ${tooManyRecipients}` && /^[\w.+-]+@[\w.-]+$/.test(from) ? [from.toLowerCase()] : [],
    ),
  ),
];
