import * as cloudflare from '@pulumi/cloudflare';
import * as pulumi from '@pulumi/pulumi';
import type { PlannedRecord } from '../core/plan/plan.ts';

/** The mark by which a record is known as ours (at most 100 characters on Cloudflare's free plan). */
export const recordMark = (havenId: string): string => `haven ${havenId}`;

/** The name of a record in state: the same for the same name, type and slot, whatever it says. */
export const recordKey = ({ name, type, slot }: { name: string; type: string; slot?: string }): string =>
  `dns-${type.toLowerCase()}-${name}${slot === undefined || slot === 'a' ? '' : `-${slot}`}`;

/** A record at Cloudflare. Mail and TLS need the address itself: nothing is proxied. */
export function createCloudflareRecord(
  record: PlannedRecord,
  value: pulumi.Input<string>,
  zoneId: pulumi.Input<string>,
  havenId: string,
  options: pulumi.CustomResourceOptions,
): cloudflare.DnsRecord {
  const common = {
    zoneId,
    name: record.name,
    type: record.type,
    ttl: record.ttlSeconds,
    comment: recordMark(havenId),
    proxied: false,
  };
  return new cloudflare.DnsRecord(
    recordKey(record),
    { ...common, ...content(record, value) },
    { ...options, deleteBeforeReplace: true },
  );
}

/** What a record says as a zone file writes it, for whoever enters it by hand. */
export function manualContent(record: PlannedRecord, value: pulumi.Input<string>): pulumi.Output<string> {
  if (record.type === 'CAA') return pulumi.interpolate`0 issue "${value}"`;
  if (record.type === 'TLSA') return pulumi.interpolate`3 1 1 ${value}`;
  return pulumi.output(value);
}

function content(record: PlannedRecord, value: pulumi.Input<string>): Partial<cloudflare.DnsRecordArgs> {
  switch (record.type) {
    case 'CAA':
      return { data: { flags: 0, tag: 'issue', value } };
    case 'TLSA':
      return { data: { usage: 3, selector: 1, matchingType: 1, certificate: value } };
    default:
      return { content: value };
  }
}
