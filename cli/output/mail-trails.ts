import { z } from 'zod';
import type { MailEvent, MailTrail } from '../../core/mail/mail-log.ts';
import { localTime } from './local-time.ts';

/** What happened to emails, as `--json` prints it. */
export const trailsOutput = z.strictObject({
  emails: z.array(
    z.strictObject({
      /** Missing where it was refused before it got one. */
      id: z.string().optional(),
      /** Empty for a report about an email that could not be delivered. */
      from: z.string(),
      /** The other server or computer that handed it in. */
      client: z.string().optional(),
      /** The user who was logged in. */
      user: z.string().optional(),
      events: z.array(
        z.strictObject({
          /** In UTC (RFC 3339). */
          at: z.string(),
          what: z.enum([
            'accepted',
            'refused',
            'delivered',
            'sent',
            'waiting',
            'failed',
            'reported',
            'deleted',
          ]),
          to: z.string().optional(),
          /** The address that it was written to, where `to` is the one that this leads to. */
          writtenTo: z.string().optional(),
          /** The folder of the mailbox. */
          folder: z.string().optional(),
          /** The other server. */
          server: z.string().optional(),
          why: z.string().optional(),
        }),
      ),
    }),
  ),
  /** How many older emails are in the log besides. */
  left: z.number(),
});

/** Each email with all that happened to it, in its order. */
export function renderTrails(
  { emails, left }: z.infer<typeof trailsOutput>,
  { address, since, timeZone }: { address: string; since: string; timeZone: string },
): string {
  if (emails.length === 0)
    return `  The log has no email from or to ${address} in the last ${since}. To look further back, add: --since 30d`;
  const trails = emails.flatMap((each) => [`  ${heading(each)}`, ...steps(each, timeZone), '']);
  const older = left === 0 ? [] : [`  ${left} older are not shown. To see fewer days, add: --since 1d`];
  return [...trails, ...older].join('\n').trimEnd();
}

function heading({ id, from, client, user }: MailTrail): string {
  const who = from === '' ? 'Report of a failed delivery' : `From ${from}`;
  const login = user === undefined ? '' : `, sent by ${user}`;
  return `${who}${login}${client === undefined ? '' : `, from ${client}`}${id === undefined ? '' : `  (${id})`}`;
}

/** Tries that failed in the same way are one line, with their number and the last of their times. */
function steps({ events }: MailTrail, timeZone: string): string[] {
  const told: { text: string; at: string; times: number }[] = [];
  for (const event of events) {
    const text = describe(event);
    const before = told.find((each) => each.text === text);
    if (before) Object.assign(before, { at: event.at, times: before.times + 1 });
    else told.push({ text, at: event.at, times: 1 });
  }
  return told.map(
    ({ text, at, times }) =>
      `      ${localTime(at, timeZone)}  ${text}${times === 1 ? '' : ` (${times} times)`}`,
  );
}

function describe({ what, to, writtenTo, folder, server, why }: MailEvent): string {
  const recipient = to && (writtenTo === undefined ? to : `${to} (written to ${writtenTo})`);
  const because = why === undefined ? '' : `: ${why}`;
  switch (what) {
    case 'accepted':
      return 'accepted';
    case 'refused':
      return `refused${recipient === undefined ? '' : `, to ${recipient}`}${because}`;
    case 'delivered':
      return `delivered to ${recipient}${folder === undefined ? '' : `, folder ${folder}`}`;
    case 'sent':
      return `sent to ${recipient} by ${server}${because}`;
    case 'waiting':
      return `waits, for ${recipient}${because}`;
    case 'failed':
      return `could not be delivered${recipient === undefined ? '' : ` to ${recipient}`}${because}`;
    case 'reported':
      return why ?? 'the sender gets a report';
    case 'deleted':
      return 'deleted from the queue by an owner of this cloud';
  }
}
