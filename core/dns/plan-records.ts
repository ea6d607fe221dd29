import { type PlannedRecord, type PlannedValue, type RecordShape, recordKey } from './record.ts';

/** What records are planned from. */
export interface RecordsContext {
  /** The zones that the domains are in. */
  zones: string[];
  owner: { name: string; email: string };
  /** The server's own name. */
  hostName: string;
  /** Names of services on the web. */
  hosts: string[];
}

/**
 * Every DNS record of a cloud, with its reason. To add one, add one more `record(...)` below: its name, its shape,
 * its value, its stage and its reason with the RFC. `test/golden/plans/example.zone` shows the result.
 */
export function planRecords({ zones, hostName, hosts }: RecordsContext): PlannedRecord[] {
  const record = recordsIn(zones);
  const addresses = (name: string, reason: string) => [
    record(name, { type: 'A' }, { output: 'ipv4' }, 'early', `${reason} (RFC 1035 §3.4.1).`),
    record(name, { type: 'AAAA' }, { output: 'ipv6' }, 'early', `${reason} (RFC 3596 §2.1).`),
  ];
  return distinct([
    ...addresses(hostName, 'The server itself; its addresses point back to this name'),
    ...hosts.flatMap((host) => [
      ...addresses(host, 'Leads to the reverse proxy'),
      record(host, { type: 'CAA', flags: 0, tag: 'issue' }, { output: 'acme-account' }, 'live', ownAccount),
      ...(['a', 'b'] as const).map((slot) => ({
        ...record(`_443._tcp.${host}`, keyHash, { output: `tlsa-${slot}:${host}` }, 'live', twoKeys),
        slot,
      })),
    ]),
  ]);
}

/** Refuses a second record with the key of another: the engine could not tell them apart. */
function distinct(records: PlannedRecord[]): PlannedRecord[] {
  const keys = new Set<string>();
  for (const record of records) {
    const key = recordKey(record);
    if (keys.has(key)) throw new Error(`Two records are ${key}. Give one of them a slot.`);
    keys.add(key);
  }
  return records;
}

/** The authority's key does not matter (usage 3); published is the sha256 (1) of our own public key (1). */
const keyHash = { type: 'TLSA', usage: 3, selector: 1, matchingType: 1 } as const;

const ownAccount =
  'Only your own account at the certificate authority may certify this name (RFC 8659 §4.2, RFC 8657 §3).';
const twoKeys =
  'One of two keys: the one that this name answers with, or the next one, published before it is used; it counts where the zone is signed (RFC 6698, RFC 7671 §5.1, §8.1).';

/** Creates records, each in the nearest zone above its name. */
function recordsIn(zones: string[]) {
  const nearestFirst = zones.toSorted((a, b) => b.length - a.length);
  return (
    name: string,
    shape: RecordShape,
    value: PlannedValue,
    stage: PlannedRecord['stage'],
    reason: string,
  ): PlannedRecord => {
    const zone = nearestFirst.find((each) => name === each || name.endsWith(`.${each}`));
    if (zone === undefined) throw new Error(`${name} is in none of the zones ${zones.join(', ')}.`);
    return { ...shape, zone, name, value, ttlSeconds: 300, reason, stage };
  };
}
