import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PlannedRecord, plannedContent, recordKey } from '../../core/dns/record.ts';
import { listenCloudflareEmulator } from '../../sandbox/emulators/cloudflare/listen.ts';
import { planMailCloud, samplePublicKey } from '../../test/support/mail-cloud.ts';
import { CloudflareApi } from './api.ts';
import { valueFields } from './record-fields.ts';
import { CloudflareZones } from './zones.ts';

/** What is known when the plan is made; the engine writes the rest once it is. */
const knownValues: Record<string, string> = {
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  'acme-account': 'ca.example; accounturi=https://ca.example/1',
};
const valueNow = ({ value, slot }: PlannedRecord): string =>
  typeof value === 'string' ? value : (knownValues[value.output] ?? (slot === 'a' ? 'aa11' : 'bb22'));

/** The engine's plugin writes these names as the API has them. */
const bodyOf = (record: PlannedRecord) => {
  const { name, type, ttlSeconds: ttl } = record;
  const known = { ...record, value: valueNow(record) };
  const { data, ...fields } = valueFields(record, known.value, plannedContent(known));
  const { matchingType, ...others } = (data ?? {}) as Record<string, unknown>;
  const inApi = { ...others, ...(matchingType === undefined ? {} : { matching_type: matchingType }) };
  return { name, type, ttl, ...fields, ...(data ? { data: inApi } : {}) };
};

test('every record for mail is read back as it was planned', async (t) => {
  const zone = 'example.org';
  const emulator = await listenCloudflareEmulator({ zones: { [zone]: [] } });
  t.after(() => emulator.close());
  const environment = { CLOUDFLARE_BASE_URL: emulator.url, CLOUDFLARE_API_TOKEN: emulator.token };
  const dkim = { [zone]: { selector: '2026a', publicKey: samplePublicKey } };
  const planned = planMailCloud({ pins: { dkim } }).records;
  const api = new CloudflareApi(environment);
  const path = `zones/${emulator.state.zones[0]!.id}/dns_records`;
  for (const record of planned) await api.call('POST', path, bodyOf(record));

  const found = await new CloudflareZones(environment).records(zone);
  assert.equal(found.length, planned.length);
  const types = new Set(planned.map(({ type }) => type));
  assert.deepEqual(types, new Set(['A', 'AAAA', 'CAA', 'TLSA', 'TXT', 'MX', 'SRV']));
  for (const [index, record] of planned.entries()) {
    const content = plannedContent({ ...record, value: valueNow(record) });
    assert.equal(found[index]!.content, content, recordKey(record));
  }
});
