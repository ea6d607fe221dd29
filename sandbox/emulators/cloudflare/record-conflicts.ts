import { CloudflareError } from './errors.ts';
import type { DnsRecord, Zone } from './state.ts';

/** Refuses a record that the zone's other records don't allow: the same again, or a CNAME beside anything else. */
export function assertNoConflict(zone: Zone, record: DnsRecord): void {
  const others = zone.records.filter((each) => each.id !== record.id && each.name === record.name);
  const isSame = ({ type, content, priority }: DnsRecord) =>
    type === record.type && content === record.content && priority === record.priority;
  if (others.some(isSame)) throw new CloudflareError(400, 81058, 'An identical record already exists.');
  // A CNAME excludes every other record of its name (RFC 1034 §3.6.2); at the top of a zone, where Cloudflare answers with the
  // addresses that it leads to, only other addresses (developers.cloudflare.com/dns/cname-flattening).
  const isExcluded = ({ type }: DnsRecord) =>
    record.name !== zone.name || ['A', 'AAAA', 'CNAME'].includes(type);
  const alias = [record, ...others].some((each) => each.type === 'CNAME');
  if (alias && isExcluded(record) && others.some((each) => isExcluded(each)))
    throw new CloudflareError(400, 81053, 'An A, AAAA, or CNAME record with that host already exists.');
}
