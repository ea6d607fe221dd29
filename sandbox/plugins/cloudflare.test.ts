import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ds, dsOf } from '../dnssec/zone-key.ts';
import { listenCloudflareEmulator } from '../emulators/cloudflare/listen.ts';
import { cloudflarePlugin } from './cloudflare.ts';

const record = cloudflarePlugin.resources['cloudflare:index/dnsRecord:DnsRecord']!;
const dnssec = cloudflarePlugin.resources['cloudflare:index/zoneDnssec:ZoneDnssec']!;
const getZone = cloudflarePlugin.functions!['cloudflare:index/getZone:getZone']!;

test('a record of a zone that is found by name is created, read, imported, changed and deleted', async (t) => {
  const cloudflare = await listenCloudflareEmulator({ zones: { 'example.org': [] } });
  t.after(() => cloudflare.close());
  process.env.CLOUDFLARE_BASE_URL = cloudflare.url;
  process.env.CLOUDFLARE_API_TOKEN = cloudflare.token;
  const { zoneId, nameServers } = await getZone({ filter: { name: 'example.org' } });
  assert.deepEqual(nameServers, ['ada.ns.sandbox.test', 'bob.ns.sandbox.test']);
  await assert.rejects(getZone({ filter: { name: 'example.net' } }), /exactly one/);

  for (const own of [
    { name: 'www.example.org', type: 'A', content: '192.0.2.1', comment: 'haven x' },
    { name: 'example.org', type: 'MX', content: 'mail.example.org', priority: 10 },
    {
      ...{ name: '_25._tcp.example.org', type: 'TLSA' },
      data: { usage: 3, selector: 1, matchingType: 1, certificate: '00ff' },
    },
  ]) {
    const inputs = { zoneId, ttl: 300, proxied: false, ...own };
    const { id, outputs } = await record.create(inputs, false);
    assert.deepEqual((await record.read(id, outputs, inputs))?.inputs, inputs);
    assert.deepEqual((await record.read(`${zoneId}/${id}`, {}, {}))?.inputs, inputs, 'imported');
    await record.update(id, outputs, { ...inputs, ttl: 600 }, false);
    assert.equal((await record.read(id, outputs, inputs))?.inputs.ttl, 600);
    await record.delete(id, outputs);
    assert.equal(await record.read(id, outputs, inputs), undefined);
    await assert.rejects(record.delete(id, outputs), /404 .*Record does not exist/);
  }
});

test('DNSSEC of a zone is enabled, read with the status that Cloudflare shows, and deleted once it is disabled', async (t) => {
  const atParent: Ds[] = [];
  const cloudflare = await listenCloudflareEmulator({
    zones: { 'example.org': [] },
    parentDs: () => atParent,
  });
  t.after(() => cloudflare.close());
  process.env.CLOUDFLARE_BASE_URL = cloudflare.url;
  process.env.CLOUDFLARE_API_TOKEN = cloudflare.token;
  const zoneId = cloudflare.state.zones[0]!.id;
  const inputs = { zoneId, status: 'active' };
  const { id, outputs } = await dnssec.create(inputs, false);
  assert.equal(id, zoneId);
  assert.match(String(outputs.ds), /^example\.org\. 3600 IN DS \d+ 13 2 [0-9A-F]{64}$/);
  const waiting = await dnssec.read(id, outputs, inputs);
  assert.deepEqual(waiting?.inputs, { zoneId, status: 'pending' });
  assert.deepEqual(dnssec.diff(id, outputs, inputs, waiting!.inputs).changed, ['status']);
  atParent.push(dsOf('example.org', String(outputs.publicKey)));
  assert.deepEqual((await dnssec.read(id, outputs, inputs))?.inputs, inputs);
  await assert.rejects(dnssec.delete(id, outputs), /DNSSEC is active/);
  atParent.length = 0;
  const disabled = await dnssec.update(id, outputs, { zoneId, status: 'disabled' }, false);
  assert.equal(disabled.status, 'disabled');
  await dnssec.delete(id, outputs);
  assert.equal((await dnssec.read(id, outputs, inputs))?.outputs.publicKey, null);
  assert.equal(await dnssec.read('unknown', outputs, inputs), undefined);
});
