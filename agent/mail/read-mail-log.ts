import { type MailTrail, queueIdsIn, sessionsIn, traceMail } from '../../core/mail/mail-log.ts';
import type { MailProgram } from './mail-programs.ts';
import { literal, searchJournal } from './search-journal.ts';

/** So many emails are looked up, the newest ones. */
const mostEmails = 200;

export interface MailLog {
  trails: MailTrail[];
  /** How many older emails there are, which were not looked up. */
  left: number;
}

/**
 * What happened to emails from or to an address, in the last `sinceSeconds`. The journal is searched in steps, because it
 * can be large: for the address, then for the emails that this found, then for what Dovecot did with them.
 */
export async function readMailLog(
  service: string,
  { address, sinceSeconds }: { address: string; sinceSeconds: number },
): Promise<MailLog> {
  const search = (program: MailProgram, pattern: string) =>
    searchJournal([service, program], pattern, sinceSeconds);
  const named = await search('postfix', `<${literal(address)}>`);
  const ids = queueIdsIn(named);
  const newest = ids.slice(-mostEmails);
  const about = newest.length === 0 ? [] : await search('postfix', `\\]: (?:${newest.join('|')}): `);
  const refused = named.filter(({ text }) => text.includes(']: NOQUEUE: '));
  const ofPostfix = [...about, ...refused].sort((a, b) => a.at.localeCompare(b.at));
  const sessions = sessionsIn(ofPostfix);
  const ofDovecot =
    sessions.length === 0
      ? []
      : await search('dovecot', `><(?:${sessions.map(literal).join('|')})>: .*stored mail`);
  const trails = traceMail([...ofPostfix, ...ofDovecot], address);
  return { trails, left: ids.length - newest.length };
}
