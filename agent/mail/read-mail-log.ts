import { type LogLine, parseJournalLines } from '../../core/mail/log-line.ts';
import { type MailTrail, queueIdsIn, sessionsIn, traceMail } from '../../core/mail/mail-log.ts';
import { logTag } from '../../core/release/log-tag.ts';
import { printable } from '../../system/printable.ts';
import { RunError, tryRun } from '../../system/run.ts';
import type { MailProgram } from './mail-programs.ts';

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
    searchJournal(logTag(service, program), pattern, sinceSeconds);
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

/** As a pattern for exactly this text (pcre2pattern(3)). */
const literal = (text: string): string =>
  text.replaceAll(/[^0-9A-Za-z]/g, (each) => `\\x{${each.codePointAt(0)!.toString(16)}}`);

/** The lines of a container that fit a pattern, capitals or not. All of its releases wrote under this name. */
async function searchJournal(tag: string, pattern: string, sinceSeconds: number): Promise<LogLine[]> {
  const from = ['_SYSTEMD_UNIT=docker.service', `CONTAINER_TAG=${tag}`, `--since=-${sinceSeconds}s`];
  const how = ['--output=json', '--all', '--no-pager', '--quiet', '--case-sensitive=no', `--grep=${pattern}`];
  const found = await tryRun('journalctl', [...from, ...how], { mostOutputMb: 256 });
  // Status 1 without a word: no line fits.
  if (found.code > 1 || (found.code === 1 && found.stderr.trim() !== ''))
    throw new RunError('journalctl', found);
  return parseJournalLines(found.stdout).map(({ at, text }) => ({ at, text: printable(text) }));
}
