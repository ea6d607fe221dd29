import type * as cloudflare from '@pulumi/cloudflare';
import type * as pulumi from '@pulumi/pulumi';
import { absolute, quoteText, type RecordShape, recordContent } from '../../core/dns/record.ts';

/** A record of its API (developers.cloudflare.com/api/resources/dns/subresources/records). */
export interface ApiRecord {
  id: string;
  name: string;
  type: string;
  content: string;
  ttl: number;
  priority?: number;
  data?: Record<string, unknown>;
  comment: string | null;
  proxied?: boolean;
  tags?: string[];
  settings?: Record<string, unknown>;
}

/** A record's content as this API takes it: as a plain value, as text of a zone file, or in parts. */
export function valueFields(
  record: RecordShape,
  value: pulumi.Input<string>,
  content: pulumi.Input<string>,
): Partial<cloudflare.DnsRecordArgs> {
  switch (record.type) {
    case 'A':
    case 'AAAA':
    case 'CNAME':
      return { content: value };
    case 'TXT':
      return { content };
    case 'MX':
      return { content: value, priority: record.priority };
    case 'SRV': {
      const { priority, weight, port } = record;
      return { priority, data: { priority, weight, port, target: value } };
    }
    case 'CAA':
      return { data: { flags: record.flags, tag: record.tag, value } };
    case 'TLSA': {
      const { usage, selector, matchingType } = record;
      return { data: { usage, selector, matchingType, certificate: value } };
    }
  }
}

/** The reverse: the content of a record of the API, or of a resource's inputs, as a zone file writes it. */
export function contentOf({ type, content = '', priority, data }: Partial<ApiRecord>): string {
  // In a preview some or all parts may be unknown.
  const isKnown = data
    ? typeof data === 'object' && !Object.values(data).includes(undefined)
    : content !== '';
  if (!isKnown) return '';
  const number = (...names: string[]): number => Number(names.map((name) => data?.[name]).find(Boolean) ?? 0);
  switch (type) {
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return absolute(content);
    case 'TXT':
      return content.startsWith('"') ? content : quoteText(content);
    case 'MX':
      return recordContent({ type, priority: priority ?? 0 }, content);
    case 'SRV': {
      const [of, weight, port] = [number('priority'), number('weight'), number('port')];
      return data ? recordContent({ type, priority: of, weight, port }, String(data.target)) : content;
    }
    case 'CAA':
      return data ? `${number('flags')} ${data.tag} ${JSON.stringify(data.value)}` : content;
    case 'TLSA': {
      const matchingType = number('matchingType', 'matching_type');
      const shape = { type, usage: number('usage'), selector: number('selector'), matchingType } as const;
      return data ? recordContent(shape, String(data.certificate)) : content;
    }
    default:
      return content;
  }
}

/** The fields that are allowed when a record is written; the API returns more. */
export function bodyOf(record: ApiRecord): Record<string, unknown> {
  const { name, type, content, ttl, priority, data, proxied, comment, tags, settings } = record;
  const says = data ? { data } : { content };
  return { name, type, ...says, ttl, priority, proxied, comment, tags, settings };
}
