/** A line of a mail program's log. */
export interface LogLine {
  /** When the server's journal got it, in UTC (RFC 3339). The program's own time has no year. */
  at: string;
  text: string;
}

/**
 * An address as Postfix writes it into a line, inside `<` and `>`: text without blanks, or in double quotes (RFC 5321
 * §4.1.2). Strangers choose it, and inside quotes it can look like the rest of a line. So every pattern of a line reads an
 * address as one piece, quotes included, and what it does not fit is not a line that we understand.
 */
export const addressPattern = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\s<>"\\])*`;

/** The lines in the output of `journalctl --output=json`. Docker cuts a line after 16 KB, and such parts are left out. */
export function parseJournalLines(output: string): LogLine[] {
  return output
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      // A message with bytes that are not text is a list of numbers (systemd.io/JOURNAL_EXPORT_FORMATS).
      const { MESSAGE: text, __REALTIME_TIMESTAMP: micros, CONTAINER_PARTIAL_MESSAGE: part } = entry;
      if (typeof text !== 'string' || part !== undefined) return [];
      return [{ at: new Date(Number(micros) / 1000).toISOString(), text }];
    });
}
