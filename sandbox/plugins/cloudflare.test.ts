import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenCloudflareEmulator } from '../emulators/cloudflare/listen.ts';
import { cloudflarePlugin } from './cloudflare.ts';

const record = cloudflarePlugin.resources['cloudflare:index/dnsRecord:DnsRecord']!;
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
