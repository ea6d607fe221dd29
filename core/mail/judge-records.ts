import { asLookedUp, type OutputName, type PlannedRecord, recordContent } from '../dns/record.ts';
import { describeDkimFault } from './describe-dkim-fault.ts';
import { type DnsAnswer, unanswered } from './dns-answer.ts';
import type { MailCheck } from './mail-check.ts';

/** How texts begin of which a name may have only one, each with what it is called. */
const single: [begins: RegExp, what: string][] = [
  [/^v=spf1(?: |$)/i, 'SPF'],
  [/^v=DMARC1(?:;|\s|$)/i, 'DMARC'],
  [/^v=DKIM1(?:;|\s|$)/i, 'DKIM'],
  [/^v=STSv1(?:;|\s|$)/i, 'MTA-STS'],
  [/^v=TLSRPTv1(?:;|\s|$)/i, 'TLS-RPT'],
];

/** Types of which clients use any that they find, with what another one besides ours means. */
const whole: Partial<Record<PlannedRecord['type'], string>> = {
  MX: 'Another server gets some of the mail.',
  A: 'Some connect to another server.',
  AAAA: 'Some connect to another server.',
  SRV: 'Some mail programs connect elsewhere.',
};

const kindOf = (text: string | undefined) => single.find(([begins]) => begins.test(text ?? ''));

/** What a record is called in the list of checks: `SPF example.org`, `MX example.org`. */
export function recordTitle(record: PlannedRecord): string {
  const { type, name, value } = record;
  if (type === 'TXT' && typeof value !== 'string') return `DKIM ${name}`;
  const kind = type === 'TXT' && typeof value === 'string' && kindOf(value);
  return `${kind ? kind[1] : type} ${name}`;
}

/** Records that are looked up together: those of one name and type, of texts also of one kind, of CAA of one tag. */
export function recordSets(records: PlannedRecord[]): PlannedRecord[][] {
  const sets = new Map<string, PlannedRecord[]>();
  for (const record of records) {
    const key = `${recordTitle(record)} ${record.type === 'CAA' ? record.tag : ''}`;
    sets.set(key, [...(sets.get(key) ?? []), record]);
  }
  return [...sets.values()];
}

/** What is known besides the plan. */
export interface RecordFacts {
  /** Values that a plan does not know. */
  outputs: Partial<Record<OutputName, string>>;
  /** The owner enters the records of this zone at their DNS provider. */
  isManual?: boolean;
}

/**
 * Compares what the DNS answers for the name and type of some planned records ({@link recordSets}) with what should be there. Of
 * texts, only those of the same kind count. An address, MX or SRV of others is wrong, because clients choose any of them (RFC
 * 5321 §5.1, RFC 2782); keys and authorities of others change nothing for ours.
 */
export function judgeRecords(planned: PlannedRecord[], found: DnsAnswer, facts: RecordFacts): MailCheck {
  const [record] = planned;
  if (!record) throw new Error('nothing is planned');
  const what = recordTitle(record);
  if (!Array.isArray(found)) return { what, ...unanswered[found] };
  const bad = (evidence: string, remedy: string): MailCheck => ({ what, result: 'bad', evidence, remedy });
  const expected = planned.flatMap((each) => expectedOf(each, facts.outputs) ?? []);
  const { counted, near } = countedOf(record, expected[0], found);
  const publish = remedyOf(record, expected, facts);
  if (counted.length === 0)
    return bad(
      near.length === 0 ? 'there is none' : `there is none that counts, only: ${shown(near)}`,
      publish,
    );
  const missing = expected.filter((each) => !counted.includes(each));
  const others = counted.filter((each) => !expected.includes(each));
  const isOneOnly = record.type === 'TXT' && what !== `TXT ${record.name}`;
  if (isOneOnly && counted.length > 1)
    return bad(
      `there are ${counted.length}: ${shown(counted)}`,
      'Receivers then count none of them. Remove all but the planned one at your DNS provider.',
    );
  if (missing.length > 0)
    return bad(
      (what.startsWith('DKIM ') && describeDkimFault(expected[0]!, counted[0]!)) ||
        `${shown(counted)}, and not ${shown(missing)}`,
      publish,
    );
  const harm = whole[record.type];
  if (harm !== undefined && expected.length > 0 && others.length > 0)
    return bad(
      `${shown(expected)}, and also ${shown(others)}`,
      `${harm} Remove ${shown(others)} at your DNS provider.`,
    );
  return { what, result: 'good', evidence: shown(counted) };
}

const expectedOf = (record: PlannedRecord, outputs: RecordFacts['outputs']): string | undefined => {
  const value = typeof record.value === 'string' ? record.value : outputs[record.value.output];
  return value === undefined ? undefined : asLookedUp(record.type, recordContent(record, value));
};

/** Of what was found, what counts as such a record, and for texts what was perhaps meant to be one. */
function countedOf(
  record: PlannedRecord,
  expected: string | undefined,
  found: string[],
): { counted: string[]; near: string[] } {
  if (record.type === 'CAA')
    return {
      counted: found.filter((each) => each.toLowerCase().split(' ')[1] === record.tag),
      near: [],
    };
  const kind = record.type === 'TXT' ? kindOf(expected ?? 'v=DKIM1;') : undefined;
  if (!kind) return { counted: found, near: [] };
  const [begins, name] = kind;
  const isOwnName = record.name.startsWith('_') || name === 'DKIM';
  return {
    counted: found.filter((each) => begins.test(each)),
    near: found.filter((each) => isOwnName || each.toLowerCase().includes(name.toLowerCase())),
  };
}

/** Where haven can't write, the owner enters what is planned. */
function remedyOf({ name, type }: PlannedRecord, expected: string[], { isManual }: RecordFacts): string {
  if (!isManual || expected.length === 0)
    return 'Run: haven up   It can take some minutes until a change is seen everywhere.';
  return [
    'At your DNS provider, replace what is there with:',
    ...expected.map((each) => `${name} ${type} ${each}`),
  ].join('\n');
}

const shown = (found: string[]): string => found.map((each) => cut(each)).join(', ');

/** Long enough for every text but a key. The root, which says "none", is a dot, as in a zone file (RFC 7505 §3, RFC 2782). */
const cut = (text: string): string =>
  text.length > 160 ? `${text.slice(0, 157)}…` : text.replace(/ $/, ' .');
