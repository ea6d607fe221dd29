import { randomBytes } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import { CloudflareError, invalidRecord } from './errors.ts';
import { contentOf, hasData } from './record-data.ts';
import type { DnsRecord, Zone } from './state.ts';
import { quoteTxt } from './txt.ts';

/** Types whose content is written as it is. */
const plainTypes = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'TXT'];

const recordBody = z.strictObject({
  name: z.string().min(1),
  type: z.string(),
  content: z.string().optional(),
  data: z.record(z.string(), z.unknown()).nullish(),
  ttl: z
    .number()
    .refine((ttl) => ttl === 1 || (ttl >= 60 && ttl <= 86400), 'ttl must be 1 or between 60 and 86400')
    .optional(),
  priority: z.number().int().min(0).max(65535).nullish(),
  proxied: z.boolean().nullish(),
  comment: z.string().max(100).nullish(),
  tags: z.array(z.string()).max(0, 'tags are not part of the free plan').nullish(),
  settings: z.record(z.string(), z.unknown()).nullish(),
});

/** The record that a body describes, as Cloudflare keeps it: name in full, content in its own form. */
export function parseRecord(zone: Zone, body: unknown, old?: DnsRecord): DnsRecord {
  const parsed = recordBody.safeParse(body);
  if (parsed.success) return normalise(zone, parsed.data, old);
  const issue = parsed.error.issues[0]!;
  const what = issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue.path.join('.');
  throw new CloudflareError(400, 1004, `DNS Validation Error: ${what}: ${issue.message}`);
}

function normalise(zone: Zone, body: z.infer<typeof recordBody>, old?: DnsRecord): DnsRecord {
  const type = body.type.toUpperCase();
  const content = hasData(type) ? contentOf(type, body.data) : plainContent(type, body);
  const data = hasData(type) ? body.data : undefined;
  if (body.proxied && !canBeProxied(type)) throw invalidRecord('This record type cannot be proxied.');
  const priority = body.priority ?? (type === 'SRV' ? Number(data?.priority) : undefined);
  const at = new Date().toISOString();
  return {
    id: old?.id ?? randomBytes(16).toString('hex'),
    name: nameIn(zone, body.name),
    type,
    content,
    ttl: body.ttl ?? 1,
    proxied: body.proxied ?? false,
    ...(priority === undefined ? {} : { priority }),
    ...(data ? { data } : {}),
    comment: body.comment ?? null,
    tags: [],
    settings: {},
    created_on: old?.created_on ?? at,
    modified_on: at,
  };
}

/** Whether Cloudflare's web proxy can be put in front of a record of this type. */
export const canBeProxied = (type: string): boolean => ['A', 'AAAA', 'CNAME'].includes(type);

/** The content of a type that has no `data`, in the form that Cloudflare gives back. */
function plainContent(type: string, { content = '', priority }: z.infer<typeof recordBody>): string {
  if (!plainTypes.includes(type)) throw invalidRecord(`The sandbox has no records of type ${type}.`);
  if (content === '') throw invalidRecord('content is missing');
  switch (type) {
    case 'A':
      if (!isIPv4(content)) throw invalidRecord('Content for A record must be a valid IPv4 address.');
      return content;
    case 'AAAA':
      if (!isIPv6(content)) throw invalidRecord('Content for AAAA record must be a valid IPv6 address.');
      return content;
    case 'TXT':
      return quoteTxt(content);
    case 'MX':
      if (priority == null) throw invalidRecord('priority is a required field for MX');
      return hostName(content);
    case 'CNAME':
    case 'NS':
      return hostName(content);
    default:
      return content;
  }
}

const hostName = (content: string): string => content.toLowerCase().replace(/(.)\.$/, '$1');

/** A name in full: `www`, `www.example.org` and `@` are all in the zone `example.org`. */
function nameIn(zone: Zone, given: string): string {
  const name = given.toLowerCase().replace(/\.$/, '');
  if (name === '@' || name === zone.name) return zone.name;
  return name.endsWith(`.${zone.name}`) ? name : `${name}.${zone.name}`;
}
