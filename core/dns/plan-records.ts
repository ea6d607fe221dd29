import { distinctRecords } from './distinct-records.ts';
import type { PlannedRecord } from './record.ts';
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
  /** The name that the server's addresses point back to; left out if that is its own. */
  reverseName?: string | undefined;
}

/**
 * Every DNS record of a cloud but those for mail (`core/mail/mail-records.ts`), with its reason. To add one, add one more
 * `record(...)` below: its name, its shape, its value, its stage and its reason with the RFC.
 * `test/golden/plans/example.zone` shows the result.
 */
export function planRecords({ zones, hostName, hosts, reverseName }: RecordsContext): PlannedRecord[] {
  const { addresses, ownAuthority, hostKeys } = recordsIn(zones);
  const pointing = reverseName === undefined ? '; its addresses point back to this name' : '';
  return distinctRecords([
    ...addresses(hostName, `The server itself${pointing}`),
    ...hosts.flatMap((host) => [
      ...addresses(host, 'Leads to the reverse proxy'),
      ownAuthority(host),
      ...hostKeys(443, host, twoKeys),
    ]),
  ]);
}

const twoKeys =
  'One of two keys: the one that this name answers with, or the next one, published before it is used; it counts where the zone is signed (RFC 6698, RFC 7671 §5.1, §8.1).';
