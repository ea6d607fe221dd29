import type { KeySlot, PlannedRecord, PlannedValue, RecordShape } from './record.ts';

/** Makes planned records, each in the nearest zone above its name. */
export interface RecordsIn {
  record(
    name: string,
    shape: RecordShape,
    value: PlannedValue,
    stage: PlannedRecord['stage'],
    reason: string,
  ): PlannedRecord;
  /** The server's addresses. */
  addresses(name: string, reason: string): PlannedRecord[];
  /** Who may certify the name. */
  ownAuthority(host: string): PlannedRecord;
  /** Both keys of a host's certificate, as they are checked at one of its TCP ports. */
  hostKeys(port: number, host: string, reason: string): PlannedRecord[];
}

export function recordsIn(zones: string[]): RecordsIn {
  const nearestFirst = zones.toSorted((a, b) => b.length - a.length);
  const record: RecordsIn['record'] = (name, shape, value, stage, reason) => {
    const zone = nearestFirst.find((each) => name === each || name.endsWith(`.${each}`));
    if (zone === undefined) throw new Error(`${name} is in none of the zones ${zones.join(', ')}.`);
    return { ...shape, zone, name, value, ttlSeconds: 300, reason, stage };
  };
  return {
    record,
    addresses: (name, reason) => [
      record(name, { type: 'A' }, { output: 'ipv4' }, 'early', `${reason} (RFC 1035 §3.4.1).`),
      record(name, { type: 'AAAA' }, { output: 'ipv6' }, 'early', `${reason} (RFC 3596 §2.1).`),
    ],
    ownAuthority: (host) =>
      record(host, { type: 'CAA', flags: 0, tag: 'issue' }, { output: 'acme-account' }, 'live', ownAccount),
    hostKeys: (port, host, reason) =>
      (['a', 'b'] satisfies KeySlot[]).map((slot) => ({
        ...record(`_${port}._tcp.${host}`, keyHash, { output: `tlsa-${slot}:${host}` }, 'live', reason),
        slot,
      })),
  };
}

/** The authority's key does not matter (usage 3); published is the sha256 (1) of our own public key (1). */
const keyHash = { type: 'TLSA', usage: 3, selector: 1, matchingType: 1 } as const;

const ownAccount =
  'Only your own account at the certificate authority may certify this name (RFC 8659 §4.2, RFC 8657 §3).';
