import type { Plan } from '../plan/plan.ts';

/** A record as its host shows it. */
export interface ExistingRecord {
  id: string;
  name: string;
  type: string;
  content: string;
  ttl: number;
  priority?: number;
  comment: string | null;
}

export interface DnsConflict {
  zone: string;
  /** `www.example.org A`: what an owner names to say yes to it. */
  key: string;
  existing: ExistingRecord[];
}

/** Planned records whose place is taken by somebody else's: the same name and type, or a CNAME at the name (RFC 1034 §3.6.2). */
export function dnsConflicts(
  plan: Plan,
  zone: string,
  existing: ExistingRecord[],
  mark: string,
): DnsConflict[] {
  const foreign = existing.filter((each) => each.comment !== mark);
  return plan.records
    .filter((record) => record.zone === zone)
    .map((record) => ({
      zone,
      key: `${record.name} ${record.type}`,
      existing: foreign.filter(
        (each) => each.name === record.name && (each.type === record.type || each.type === 'CNAME'),
      ),
    }))
    .filter((each) => each.existing.length > 0);
}

/** A zone as it was, in the form that every DNS provider reads (RFC 1035 §5). */
export function renderZoneFile(zone: string, records: ExistingRecord[], at: string): string {
  const lines = records.map(({ name, ttl, type, content, priority }) => {
    const text = type === 'TXT' && !content.startsWith('"') ? JSON.stringify(content) : content;
    const dotted = ['CNAME', 'MX', 'NS', 'PTR'].includes(type) ? `${text}.` : text;
    return `${name}. ${ttl === 1 ? 300 : ttl} IN ${type} ${type === 'MX' ? `${priority} ` : ''}${dotted}`;
  });
  return [
    `; ${zone} as it was at ${at}, before haven changed anything.`,
    `; To undo: import this file at your DNS provider.`,
    `$ORIGIN ${zone}.`,
    ...lines,
    '',
  ].join('\n');
}
