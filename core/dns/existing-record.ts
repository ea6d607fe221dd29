/** A record as its DNS provider has it. */
export interface ExistingRecord {
  id: string;
  zone: string;
  name: string;
  type: string;
  /** Its content, as a zone file writes it (RFC 1035 §5.1). */
  content: string;
  ttlSeconds: number;
  /** Whose it is: a haven's mark ({@link recordMark}), an owner's own comment, or nothing. */
  comment: string | null;
  /** Everything that the provider knows of it, to restore it exactly. Only the provider reads it. */
  raw: unknown;
}

/** A zone as it was, in the form that every DNS provider reads (RFC 1035 §5). */
export function renderZoneFile(zone: string, records: ExistingRecord[], at: string): string {
  return [
    `; ${zone} as it was at ${at}, before haven changed anything.`,
    `; To undo: import this file at your DNS provider.`,
    `$ORIGIN ${zone}.`,
    ...records.map(zoneLine),
    '',
  ].join('\n');
}

/** A record as a line of a zone file. */
export const zoneLine = ({ name, ttlSeconds, type, content }: ExistingRecord): string =>
  `${name}. ${ttlSeconds} IN ${type} ${content}`;
