/** A record as it is at its DNS provider. */
export interface ExistingRecord {
  id: string;
  zone: string;
  name: string;
  type: string;
  /** What it says, as a zone file writes it (RFC 1035 §5.1). */
  content: string;
  ttlSeconds: number;
  /** Whose it is: a haven's mark ({@link recordMark}), an owner's own words, or nothing. */
  comment: string | null;
  /** All that the provider knows of it, to make it again exactly as it was; the provider's business. */
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
