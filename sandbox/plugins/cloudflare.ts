import {
  type Properties,
  type ProviderSpec,
  type ResourceHandler,
  serveProvider,
  unknownValue,
} from '../../components/provider/serve.ts';
import { differences } from './differences.ts';

/** an emulator of the official plugin `cloudflare`: DnsRecord and getZone, with its ids and rules (pulumi-cloudflare 6). */
const base = (process.env.CLOUDFLARE_BASE_URL ?? 'https://api.cloudflare.com/client/v4/').replace(
  /\/?$/,
  '/',
);

interface Envelope {
  success: boolean;
  errors: { code: number; message: string }[];
  result: unknown;
}

async function api(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(base + path, {
    method,
    headers: {
      authorization: `Bearer ${process.env.CLOUDFLARE_API_TOKEN}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const envelope = (await response.json()) as Envelope;
  if (response.ok) return envelope.result;
  throw Object.assign(
    new Error(
      `${method} "${base}${path}": ${response.status} ${JSON.stringify(envelope.errors ?? envelope)}`,
    ),
    { status: response.status },
  );
}

interface ApiRecord {
  id: string;
  name: string;
  type: string;
  content: string;
  ttl: number;
  proxied: boolean;
  priority?: number;
  data?: Record<string, unknown>;
  comment: string | null;
}

const snake = (data: unknown) =>
  rename(data, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
const camel = (data: unknown) =>
  rename(data, (key) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
function rename(data: unknown, by: (key: string) => string): Properties | undefined {
  return data
    ? Object.fromEntries(Object.entries(data as Properties).map(([key, value]) => [by(key), value]))
    : undefined;
}

const body = (inputs: Properties) => ({
  name: inputs.name,
  type: inputs.type,
  ttl: inputs.ttl,
  content: inputs.content,
  data: snake(inputs.data),
  priority: inputs.priority,
  proxied: inputs.proxied ?? false,
  comment: inputs.comment,
});

const dnsRecord: ResourceHandler = {
  diff: (_id, _outputs, inputs, old) => differences(inputs, old, { replaces: ['zoneId', 'type'] }),
  async create(inputs, preview) {
    if (preview) return { id: '', outputs: { ...inputs, createdOn: unknownValue, modifiedOn: unknownValue } };
    const record = (await api('POST', `zones/${inputs.zoneId}/dns_records`, body(inputs))) as ApiRecord;
    return { id: record.id, outputs: { ...inputs, content: record.content } };
  },
  async read(given, outputs, inputs) {
    // To import, the official plugin takes `<zone id>/<record id>`.
    const [id = '', importedZone] = given.split('/').reverse();
    const zoneId = importedZone ?? inputs.zoneId ?? outputs.zoneId;
    let record: ApiRecord;
    try {
      record = (await api('GET', `zones/${zoneId}/dns_records/${id}`)) as ApiRecord;
    } catch (error) {
      if ((error as { status?: number }).status === 404) return undefined;
      throw error;
    }
    const seen: Properties = {
      zoneId,
      name: record.name,
      type: record.type,
      ttl: record.ttl,
      proxied: record.proxied,
    };
    if ('data' in inputs || (importedZone && record.data)) seen.data = camel(record.data);
    else seen.content = record.content;
    if ('priority' in inputs || (importedZone && record.priority !== undefined))
      seen.priority = record.priority;
    if (record.comment !== null) seen.comment = record.comment;
    return { id, inputs: seen, outputs: { ...seen, content: record.content } };
  },
  async update(id, outputs, inputs, preview) {
    if (preview) return { ...outputs, ...inputs };
    const record = (await api('PUT', `zones/${inputs.zoneId}/dns_records/${id}`, body(inputs))) as ApiRecord;
    return { ...inputs, content: record.content };
  },
  async delete(id, outputs) {
    await api('DELETE', `zones/${outputs.zoneId}/dns_records/${id}`);
  },
};

/** Emulates the official plugin where that can't be had. */
export const cloudflarePlugin: ProviderSpec = {
  name: 'cloudflare (sandbox)',
  version: '6.22.1',
  configure() {
    if (!process.env.CLOUDFLARE_API_TOKEN) throw new Error('CLOUDFLARE_API_TOKEN must be set');
  },
  resources: { 'cloudflare:index/dnsRecord:DnsRecord': dnsRecord },
  functions: {
    async 'cloudflare:index/getZone:getZone'(args) {
      const filter = args.filter as { name?: string } | undefined;
      if (args.zoneId)
        return { ...(camel(await api('GET', `zones/${args.zoneId}`)) ?? {}), zoneId: args.zoneId };
      const found = (await api('GET', `zones?name=${filter?.name}`)) as { id: string }[];
      if (found.length !== 1) throw new Error('failed to find exactly one result');
      return { ...(camel(found[0]) ?? {}), zoneId: found[0]!.id };
    },
  },
};

if (import.meta.main) await serveProvider(cloudflarePlugin);
