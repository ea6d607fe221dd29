import type * as cloudflare from '@pulumi/cloudflare';
import type * as pulumi from '@pulumi/pulumi';
import type { ExistingRecord } from '../../core/dns/existing-record.ts';
import {
  absolute,
  quoteText,
  type RecordShape,
  recordContent,
  recordKey,
  recordMark,
} from '../../core/dns/record.ts';
import { ApiError, type Environment, whyUnreachable } from '../api-call.ts';
import { CloudflareApi } from '../cloudflare-api.ts';
import type { DnsProvider, DnsZones } from '../dns-provider.ts';

/** A record of its API (developers.cloudflare.com/api/resources/dns/subresources/records). */
interface ApiRecord {
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

export default {
  id: 'cloudflare',
  title: 'Cloudflare: haven writes the records',
  description: 'haven writes the records',
  token: {
    name: 'a Cloudflare API token',
    variable: 'CLOUDFLARE_API_TOKEN',
    secret: 'cloudflare-token',
    prompt: 'Cloudflare API token (Zone:Read, DNS:Edit):',
    looksLike: (text) => /^[A-Za-z0-9_-]{40}$/.test(text) && /[A-Z]/.test(text) && /\d/.test(text),
  },
  variables: ['CLOUDFLARE_BASE_URL'],

  async checkToken(token, domain) {
    try {
      const api = new CloudflareApi({ ...process.env, CLOUDFLARE_API_TOKEN: token });
      const zones = await api.call<unknown[]>('GET', `zones?name=${domain}`);
      return (
        zones.length === 1 ||
        `This token can't see a zone ${domain}. Add the domain to Cloudflare, or give the token access to it.`
      );
    } catch (error) {
      if (error instanceof ApiError && error.status < 500)
        return 'Cloudflare rejected this token. Create one under My Profile, API Tokens, with Zone:Read and DNS:Edit.';
      return whyUnreachable('Cloudflare', error);
    }
  },

  open: (environment) => openZones(environment),

  resource: {
    type: 'cloudflare:index/dnsRecord:DnsRecord',
    version: '6.22.1',
    describe: (inputs) => ({
      name: String(inputs.name),
      type: String(inputs.type),
      content: contentOf(inputs),
    }),
  },

  async loadProgram(havenId) {
    const pulumi = await import('@pulumi/pulumi');
    // The package's index loads its two hundred other modules, which is felt at each start.
    const { DnsRecord } = await import('@pulumi/cloudflare/dnsRecord.js');
    const { getZoneOutput } = await import('@pulumi/cloudflare/getZone.js');
    const zoneIds = new Map<string, pulumi.Output<string>>();
    const zoneId = (zone: string): pulumi.Output<string> => {
      const known = zoneIds.get(zone) ?? getZoneOutput({ filter: { name: zone } }).zoneId;
      zoneIds.set(zone, known);
      return known;
    };
    return (record, value, options) => {
      const { zone, name, type, ttlSeconds: ttl } = record;
      const content = pulumi.output(value).apply((known) => recordContent(record, known));
      const comment = recordMark(havenId);
      // Mail and TLS require the address itself, so nothing is proxied.
      const common = { zoneId: zoneId(zone), name, type, ttl, comment, proxied: false };
      const args = { ...common, ...valueArgs(record, value, content) };
      return new DnsRecord(recordKey(record), args, { ...options, deleteBeforeReplace: true });
    };
  },
} satisfies DnsProvider;

/** A record's content as this API takes it: as a plain value, as text of a zone file, or in parts. */
function valueArgs(
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
function contentOf({ type, content = '', priority, data }: Partial<ApiRecord>): string {
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
      const shape = {
        type,
        priority: number('priority'),
        weight: number('weight'),
        port: number('port'),
      } as const;
      return data ? recordContent(shape, String(data.target)) : content;
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

function openZones(environment: Environment): DnsZones {
  const api = new CloudflareApi(environment);
  const zoneId = async (zone: string): Promise<string> => {
    const [found] = await api.call<{ id: string }[]>('GET', `zones?name=${zone}`);
    if (found) return found.id;
    throw new Error(
      `Cloudflare has no zone ${zone} that this token can see. Add the domain there, or give the token access to it.`,
    );
  };
  const pathOf = async (record: ExistingRecord): Promise<string> =>
    `zones/${await zoneId(record.zone)}/dns_records/${record.id}`;

  return {
    async records(zone) {
      const found = await api.list<ApiRecord>(`zones/${await zoneId(zone)}/dns_records`);
      return found.map((each) => ({
        id: each.id,
        zone,
        name: each.name,
        type: each.type,
        content: contentOf(each),
        // 1 is "automatic", which is 300 s (developers.cloudflare.com/dns/manage-dns-records/reference/ttl).
        ttlSeconds: each.ttl === 1 ? 300 : each.ttl,
        comment: each.comment,
        raw: each,
      }));
    },
    async adopt(record, mark) {
      await api.call('PATCH', await pathOf(record), { comment: mark });
      return { id: record.id, inputs: { zoneId: await zoneId(record.zone) } };
    },
    async remove(record) {
      try {
        await api.call('DELETE', await pathOf(record));
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 404)) throw error;
      }
    },
    async putBack({ zone, raw }) {
      await api.call('POST', `zones/${await zoneId(zone)}/dns_records`, bodyOf(raw as ApiRecord));
    },
    async find({ zoneId: zone, name, type, comment, data }) {
      const query = new URLSearchParams({ 'name.exact': String(name), type: String(type) });
      const found = await api.list<ApiRecord>(`zones/${zone}/dns_records?${query}`);
      const { certificate } = (data ?? {}) as { certificate?: string };
      // A name has two TLSA records, told apart by their content.
      return found.find((each) => each.comment === comment && each.data?.certificate === certificate)?.id;
    },
  };
}

/** The fields that are allowed when a record is created; the API returns more. */
function bodyOf(record: ApiRecord): Record<string, unknown> {
  const { name, type, content, ttl, priority, data, proxied, comment, tags, settings } = record;
  const says = data ? { data } : { content };
  return { name, type, ...says, ttl, priority, proxied, comment, tags, settings };
}
