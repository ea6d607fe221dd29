import { type MailRecordsContext, mailRecords } from './mail-records.ts';
import { type PlannedRecord, recordKey } from './record.ts';
import { recordsIn } from './records-in.ts';

/** What records are planned from. */
export interface RecordsContext {
  /** The zones that the domains are in. */
  zones: string[];
  owner: { name: string; email: string };
  /** The server's own name. */
  hostName: string;
  /** Names of services on the web. */
  hosts: string[];
  /** Left out for a cloud that receives no mail. */
  mail?: MailRecordsContext;
}

/**
 * Every DNS record of a cloud, with its reason. To add one, add one more `record(...)` below, or in `mail-records.ts` if
 * it is for mail: its name, its shape, its value, its stage and its reason with the RFC.
 * `test/golden/plans/example.zone` and `mail.zone` show the result.
 */
export function planRecords({ zones, hostName, hosts, mail }: RecordsContext): PlannedRecord[] {
  const made = recordsIn(zones);
  const { addresses, ownAuthority, hostKeys } = made;
  const whatServer = mail ? 'The server itself' : 'The server itself; its addresses point back to this name';
  return distinct([
    ...addresses(hostName, whatServer),
    ...hosts.flatMap((host) => [
      ...addresses(host, 'Leads to the reverse proxy'),
      ownAuthority(host),
      ...hostKeys(443, host, twoKeys),
    ]),
    ...(mail ? mailRecords(mail, [hostName, ...hosts], made) : []),
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

const twoKeys =
  'One of two keys: the one that this name answers with, or the next one, published before it is used; it counts where the zone is signed (RFC 6698, RFC 7671 §5.1, §8.1).';
