import { asLookedUp, type OutputName, type PlannedRecord, recordContent } from '../dns/record.ts';
import type { MailCheck } from './mail-check.ts';

/** How texts begin of which a name may have only one, each with what it is called. */
const single: [begins: RegExp, what: string][] = [
  [/^v=spf1(?: |$)/i, 'SPF'],
  [/^v=DMARC1(?:;|\s|$)/i, 'DMARC'],
  [/^v=DKIM1(?:;|\s|$)/i, 'DKIM'],
  [/^v=STSv1(?:;|\s|$)/i, 'MTA-STS'],
  [/^v=TLSRPTv1(?:;|\s|$)/i, 'TLS-RPT'],
];

/** What a record is called in the list of checks: `SPF example.org`, `MX example.org`. */
export function recordTitle(record: PlannedRecord): string {
  const { type, name, value } = record;
  const kind = type === 'TXT' && typeof value === 'string' && single.find(([begins]) => begins.test(value));
  return `${kind ? kind[1] : type} ${name}`;
}

/**
 * Compares what the DNS answers for a planned record's name and type with what should be there. `outputs` are the values
 * that a plan does not know. Of texts, only those of the same kind count; MX has to be exactly the planned one, because
 * another server there gets some of the mail (RFC 5321 §5.1). `found` is undefined where the DNS did not answer.
 */
export function judgeRecord(
  record: PlannedRecord,
  found: string[] | undefined,
  outputs: Partial<Record<OutputName, string>>,
): MailCheck {
  const what = recordTitle(record);
  if (!found)
    return {
      what,
      result: 'unknown',
      evidence: 'the DNS does not answer',
      remedy: 'Check that this computer is online, then try again.',
    };
  const value = typeof record.value === 'string' ? record.value : outputs[record.value.output];
  const expected = value === undefined ? undefined : asLookedUp(record.type, recordContent(record, value));
  const kind = single.find(([begins]) => expected !== undefined && begins.test(expected));
  const counted = record.type === 'TXT' && kind ? found.filter((each) => kind[0].test(each)) : found;
  const isThere = expected === undefined ? counted.length > 0 : counted.includes(expected);
  const mayBeBesides = record.type !== 'MX' && !kind;
  if (isThere && (mayBeBesides || counted.length === 1))
    return { what, result: 'good', evidence: shown(counted) };
  const bad = (evidence: string, remedy: string): MailCheck => ({ what, result: 'bad', evidence, remedy });
  if (counted.length === 0) return bad('there is none', missing);
  if (isThere && kind)
    return bad(
      `there are ${counted.length}: ${shown(counted)}`,
      `Receivers then count none of them. Remove all but the planned one at your DNS provider.`,
    );
  if (isThere)
    return bad(shown(counted), 'Another server gets some of the mail. Remove it at your DNS provider.');
  return bad(`${shown(counted)}, and not ${expected ?? 'what is planned'}`, missing);
}

const missing = 'Run: haven up   It can take some minutes until a change is seen everywhere.';

const shown = (found: string[]): string => found.map((each) => cut(each)).join(', ');

const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}…` : text);
