import { type LogLine, parseJournalLines } from '../../core/mail/log-line.ts';
import { logTag } from '../../core/release/log-tag.ts';
import { printable } from '../../system/printable.ts';
import { RunError, tryRun } from '../../system/run.ts';
import type { MailProgram } from './mail-programs.ts';

/**
 * The lines of a mail program in the last `sinceSeconds` that fit a pattern (pcre2pattern(3)), capitals or not. All of its
 * releases wrote under this name.
 */
export async function searchJournal(
  [service, program]: [service: string, program: MailProgram],
  pattern: string,
  sinceSeconds: number,
): Promise<LogLine[]> {
  const source = ['_SYSTEMD_UNIT=docker.service', `CONTAINER_TAG=${logTag(service, program)}`];
  const how = ['--output=json', '--all', '--no-pager', '--quiet', '--case-sensitive=no'];
  const which = [`--since=-${sinceSeconds}s`, `--grep=${pattern}`];
  const found = await tryRun('journalctl', [...source, ...how, ...which], { mostOutputMb: 256 });
  // Status 1 without a word: no line fits.
  if (found.code > 1 || (found.code === 1 && found.stderr.trim() !== ''))
    throw new RunError('journalctl', found);
  return parseJournalLines(found.stdout).map(({ at, text }) => ({ at, text: printable(text) }));
}

/** As a pattern for exactly this text. */
export const literal = (text: string): string =>
  text.replaceAll(/[^0-9A-Za-z]/gu, (each) => `\\x{${each.codePointAt(0)!.toString(16)}}`);
