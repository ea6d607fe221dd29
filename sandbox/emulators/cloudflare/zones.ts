import { createHash } from 'node:crypto';
import type { ApiAnswer, ApiRequest } from '../http-api.ts';
import type { Account } from './account.ts';
import { answerPage, ok } from './answers.ts';
import { answerDnssec } from './dnssec.ts';
import { CloudflareError } from './errors.ts';
import { cloudflareNameServers } from './name-servers.ts';
import { parseRecord } from './record-body.ts';
import { assertNoConflict } from './record-conflicts.ts';
import { answerRecords, bodyOf } from './records.ts';
import type { DnsRecord, Zone } from './state.ts';

/** `/zones`: the domains of an account. They can be read; their records can be changed. */
export async function answerZones(
  account: Account,
  request: Pick<ApiRequest, 'method' | 'query' | 'body'>,
  [id, what, recordId, ...more]: string[],
): Promise<ApiAnswer | undefined> {
  const { method, query } = request;
  if (more.length > 0) return undefined;
  if (!id) {
    if (method !== 'GET') return undefined;
    const name = query.get('name');
    const found = account.state.zones.filter((each) => name === null || each.name === name);
    return answerPage(found.map(show), query);
  }
  const zone = account.state.zones.find((each) => each.id === id);
  if (!zone) {
    const message = `Could not route to /zones/${id}, perhaps your object identifier is invalid?`;
    throw new CloudflareError(404, 7003, message);
  }
  if (what === 'dns_records') return answerRecords(account, zone, request, recordId);
  if (what === 'dnssec' && !recordId) return answerDnssec(account, zone, request);
  return !what && method === 'GET' ? ok(show(zone)) : undefined;
}

/**
 * Makes a domain exist, in place of what it was: what happens at Cloudflare's website, not through the API. Of a
 * record only type, name and content (or data) are required. Records that Cloudflare would refuse are refused.
 */
export async function registerZone(
  account: Account,
  name: string,
  records: Partial<DnsRecord>[],
): Promise<Zone> {
  const id = createHash('md5').update(name).digest('hex');
  const zone: Zone = { id, name, status: 'active', serial: 1, records: [] };
  const before = account.state.zones.find((each) => each.name === name)?.dnssec;
  if (before) zone.dnssec = { ...before, status: 'disabled', modified_on: null };
  for (const given of records) {
    const record = parseRecord(zone, bodyOf(given));
    record.id = given.id ?? record.id;
    record.created_on = given.created_on ?? record.created_on;
    record.modified_on = given.modified_on ?? record.modified_on;
    assertNoConflict(zone, record);
    zone.records.push(record);
  }
  account.state.zones = account.state.zones.filter((each) => each.name !== name).concat(zone);
  await account.publish(zone);
  return zone;
}

/** A zone as the API shows it. */
const show = (zone: Zone) => ({
  id: zone.id,
  name: zone.name,
  status: zone.status,
  paused: false,
  type: 'full',
  development_mode: 0,
  name_servers: cloudflareNameServers,
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
