import { createHash, randomBytes } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import type { ApiAnswer, ApiRequest } from '../http-api.ts';
import type { Store } from '../store.ts';
import { quoteTxt } from './txt.ts';

/** What the sandbox Cloudflare remembers. Field names are the API's own (developers.cloudflare.com/api). */
export interface CloudflareState {
  zones: Zone[];
  faults: { failNext: number };
}
export interface Zone {
  id: string;
  name: string;
  status: 'active' | 'pending';
  records: DnsRecord[];
  serial: number;
}
export interface DnsRecord {
  id: string;
  name: string;
  type: string;
  content: string;
  ttl: number;
  proxied: boolean;
  priority?: number;
  data?: Record<string, unknown>;
  comment: string | null;
  tags: string[];
  settings: Record<string, unknown>;
  created_on: string;
  modified_on: string;
}

export const initialCloudflare = (): CloudflareState => ({ zones: [], faults: { failNext: 0 } });

class CloudflareError extends Error {
  readonly status: number;
  readonly code: number;
  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const contentTypes = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'TXT'] as const;
const dataShapes: Record<string, z.ZodType<Record<string, unknown>>> = {
  SRV: z.strictObject({ priority: z.number(), weight: z.number(), port: z.number(), target: z.string() }),
  CAA: z.strictObject({ flags: z.number(), tag: z.string(), value: z.string() }),
  TLSA: z.strictObject({
    usage: z.number(),
    selector: z.number(),
    matching_type: z.number(),
    certificate: z.string().regex(/^[0-9a-fA-F]+$/),
  }),
  SSHFP: z.strictObject({ algorithm: z.number(), type: z.number(), fingerprint: z.string() }),
};

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

export class CloudflareApi {
  readonly #store: Store<CloudflareState>;
  readonly #publish: (zone: Zone) => Promise<void>;
  readonly #token: string;

  constructor(store: Store<CloudflareState>, publish: (zone: Zone) => Promise<void>, token: string) {
    this.#store = store;
    this.#publish = publish;
    this.#token = token;
  }

  get state(): CloudflareState {
    return this.#store.value;
  }

  /** Makes a domain exist, in place of what it was. Of its records only type, name and content (or data) are required. */
  async registerZone(name: string, records: Partial<DnsRecord>[]): Promise<Zone> {
    const zone: Zone = { id: zoneIdOf(name), name, status: 'active', serial: 1, records: [] };
    for (const each of records) {
      const { id, created_on, modified_on } = each;
      const own = { id, created_on, modified_on };
      const kept = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
      zone.records.push({ ...accept(zone, asBody(each)), ...kept });
    }
    this.state.zones = this.state.zones.filter((each) => each.name !== name).concat(zone);
    this.#store.save();
    await this.#publish(zone);
    return zone;
  }

  /** Changes what goes wrong from now on. Faults that are not named stay as they are. */
  setFaults(faults: Partial<CloudflareState['faults']>): void {
    Object.assign(this.state.faults, faults);
    this.#store.save();
  }

  async answer(request: ApiRequest): Promise<ApiAnswer> {
    try {
      const result = await this.#route(request);
      this.#store.save();
      return result;
    } catch (error) {
      if (!(error instanceof CloudflareError)) throw error;
      const body = {
        success: false,
        errors: [{ code: error.code, message: error.message }],
        messages: [],
        result: null,
      };
      return { status: error.status, body, headers: { 'x-should-retry': 'false' } };
    }
  }

  async #route(request: ApiRequest): Promise<ApiAnswer> {
    if (request.token !== this.#token) throw new CloudflareError(403, 10000, 'Authentication error');
    if (this.state.faults.failNext > 0) {
      this.state.faults.failNext--;
      throw new CloudflareError(500, 1, 'the sandbox was told to fail');
    }
    const path = request.path.replace(/^\/client\/v4/, '').replace(/\/$/, '');
    const [, zones, zoneId, what, recordId, rest] = path.split('/');
    const { method } = request;
    if (path === '/user/tokens/verify' && method === 'GET')
      return ok({ id: 'a'.repeat(32), status: 'active' });
    if (zones !== 'zones' || rest !== undefined) throw unknown(method, path);
    if (!zoneId) {
      if (method !== 'GET') throw unknown(method, path);
      const name = request.query.get('name');
      return list(
        this.state.zones.filter((each) => name === null || each.name === name).map(renderZone),
        request.query,
      );
    }
    const zone = this.state.zones.find((each) => each.id === zoneId);
    if (!zone)
      throw new CloudflareError(
        404,
        7003,
        `Could not route to /zones/${zoneId}, perhaps your object identifier is invalid?`,
      );
    if (!what && method === 'GET') return ok(renderZone(zone));
    if (what !== 'dns_records') throw unknown(method, path);
    if (!recordId) {
      if (method === 'GET') return list(this.#select(zone, request.query).map(render), request.query);
      if (method === 'POST') return ok(render(await this.#write(zone, request.body)));
    } else {
      const record = zone.records.find((each) => each.id === recordId);
      if (!record) throw new CloudflareError(404, 81044, 'Record does not exist.');
      if (method === 'GET') return ok(render(record));
      if (method === 'PUT') return ok(render(await this.#write(zone, request.body, record)));
      if (method === 'PATCH')
        return ok(
          render(await this.#write(zone, { ...asBody(record), ...(request.body as object) }, record)),
        );
      if (method === 'DELETE') {
        zone.records = zone.records.filter((each) => each.id !== recordId);
        await this.#changed(zone);
        return ok({ id: recordId });
      }
    }
    throw unknown(method, path);
  }

  #select(zone: Zone, query: URLSearchParams): DnsRecord[] {
    const name = query.get('name') ?? query.get('name.exact');
    const type = query.get('type');
    const content = query.get('content') ?? query.get('content.exact');
    const comment = query.get('comment.contains');
    return zone.records.filter(
      (each) =>
        (name === null || each.name === name) &&
        (type === null || each.type === type) &&
        (content === null || each.content === content) &&
        (comment === null || (each.comment ?? '').includes(comment)),
    );
  }

  async #write(zone: Zone, body: unknown, old?: DnsRecord): Promise<DnsRecord> {
    const record = accept(zone, body, old);
    if (old) Object.assign(old, record);
    else zone.records.push(record);
    await this.#changed(zone);
    return old ?? record;
  }

  async #changed(zone: Zone): Promise<void> {
    zone.serial += 1;
    await this.#publish(zone);
  }
}

/** The record that a body asks for, if its fields are valid and the zone's other records allow it. */
function accept(zone: Zone, body: unknown, old?: DnsRecord): DnsRecord {
  const parsed = recordBody.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const what = issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue.path.join('.');
    throw new CloudflareError(400, 1004, `DNS Validation Error: ${what}: ${issue.message}`);
  }
  const record = normalise(zone, parsed.data, old);
  const others = zone.records.filter((each) => each.id !== old?.id && each.name === record.name);
  if (
    others.some(
      (each) =>
        each.type === record.type && each.content === record.content && each.priority === record.priority,
    )
  ) {
    throw new CloudflareError(400, 81058, 'An identical record already exists.');
  }
  if (others.some((each) => each.type === 'CNAME') || (record.type === 'CNAME' && others.length > 0)) {
    throw new CloudflareError(400, 81053, 'An A, AAAA, or CNAME record with that host already exists.');
  }
  return record;
}

function normalise(zone: Zone, body: z.infer<typeof recordBody>, old?: DnsRecord): DnsRecord {
  const fail = (message: string): never => {
    throw new CloudflareError(400, 9005, message);
  };
  const name = nameIn(zone, body.name);
  const type = body.type.toUpperCase();
  let content = body.content ?? '';
  let { data } = body;
  if (dataShapes[type]) {
    const shape = dataShapes[type].safeParse(data);
    if (!shape.success)
      fail(
        `${type} needs data: ${shape.error?.issues[0]?.path.join('.')} ${shape.error?.issues[0]?.message}`,
      );
    content = contentOf(type, data as Record<string, unknown>);
  } else if (!(contentTypes as readonly string[]).includes(type)) {
    fail(`The sandbox has no records of type ${type}.`);
  } else {
    data = undefined;
    if (content === '') fail('content is missing');
    if (type === 'A' && !isIPv4(content)) fail('Content for A record must be a valid IPv4 address.');
    if (type === 'AAAA' && !isIPv6(content)) fail('Content for AAAA record must be a valid IPv6 address.');
    if (type === 'TXT') content = quoteTxt(content);
    if (type === 'CNAME' || type === 'MX' || type === 'NS')
      content = content.toLowerCase().replace(/(.)\.$/, '$1');
    if (type === 'MX' && body.priority == null) fail('priority is a required field for MX');
  }
  if (body.proxied && !['A', 'AAAA', 'CNAME'].includes(type)) fail(`This record type cannot be proxied.`);
  const at = new Date().toISOString();
  const priority = body.priority ?? (type === 'SRV' ? (data?.priority as number) : undefined);
  return {
    id: old?.id ?? randomBytes(16).toString('hex'),
    name,
    type,
    content,
    ttl: body.ttl ?? 1,
    proxied: body.proxied ?? false,
    ...(priority == null ? {} : { priority }),
    ...(data ? { data } : {}),
    comment: body.comment ?? null,
    tags: [],
    settings: {},
    created_on: old?.created_on ?? at,
    modified_on: at,
  };
}

function nameIn(zone: Zone, given: string): string {
  const name = given.toLowerCase().replace(/\.$/, '');
  if (name === '@' || name === zone.name) return zone.name;
  return name.endsWith(`.${zone.name}`) ? name : `${name}.${zone.name}`;
}

function contentOf(type: string, data: Record<string, unknown>): string {
  if (type === 'SRV') return `${data.priority} ${data.weight} ${data.port} ${data.target}`;
  if (type === 'CAA') return `${data.flags} ${data.tag} "${data.value}"`;
  if (type === 'SSHFP') return `${data.algorithm} ${data.type} ${data.fingerprint}`;
  return `${data.usage} ${data.selector} ${data.matching_type} ${data.certificate}`;
}

const asBody = ({
  id: _i,
  created_on: _c,
  modified_on: _m,
  tags: _t,
  settings: _s,
  content,
  data,
  ...rest
}: Partial<DnsRecord>) => (data ? { ...rest, data } : { ...rest, content });

const render = (record: DnsRecord) => ({
  ...record,
  proxiable: ['A', 'AAAA', 'CNAME'].includes(record.type),
  meta: {},
  comment_modified_on: record.comment === null ? undefined : record.modified_on,
});

const renderZone = (zone: Zone) => ({
  id: zone.id,
  name: zone.name,
  status: zone.status,
  paused: false,
  type: 'full',
  development_mode: 0,
  name_servers: ['ada.ns.sandbox.test', 'bob.ns.sandbox.test'],
  original_name_servers: null,
  original_registrar: null,
  original_dnshost: null,
  created_on: '2026-01-01T00:00:00Z',
  modified_on: '2026-01-01T00:00:00Z',
  activated_on: '2026-01-01T00:00:00Z',
  account: { id: 'b'.repeat(32), name: 'Sandbox' },
  owner: { id: null, type: 'user', email: null },
  plan: {
    id: 'free',
    name: 'Free Website',
    price: 0,
    currency: 'USD',
    frequency: '',
    is_subscribed: true,
    can_subscribe: false,
    legacy_id: 'free',
    legacy_discount: false,
    externally_managed: false,
  },
  permissions: ['#dns_records:edit', '#dns_records:read', '#zone:read'],
  meta: {},
});

export const zoneIdOf = (name: string): string => createHash('md5').update(name).digest('hex');

const ok = (result: unknown): ApiAnswer => ({
  status: 200,
  body: { success: true, errors: [], messages: [], result },
});
const unknown = (method: string, path: string) =>
  new CloudflareError(404, 7000, `No route for that URI: the sandbox has no ${method} ${path}`);

function list(all: unknown[], query: URLSearchParams): ApiAnswer {
  const perPage = Number(query.get('per_page') ?? 100);
  const number = Number(query.get('page') ?? 1);
  const result = all.slice((number - 1) * perPage, number * perPage);
  const result_info = {
    page: number,
    per_page: perPage,
    count: result.length,
    total_count: all.length,
    total_pages: Math.ceil(all.length / perPage),
  };
  return { status: 200, body: { success: true, errors: [], messages: [], result, result_info } };
}
