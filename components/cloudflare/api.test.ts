import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenCloudflareEmulator } from '../../sandbox/emulators/cloudflare/listen.ts';
import { listenApi } from '../../sandbox/emulators/http-api.ts';
import { CloudflareApi } from './api.ts';
import { CloudflareZones } from './zones.ts';

test('the records of a zone are one request, however many there are', async (t) => {
  const asked: string[] = [];
  const records = Array.from({ length: 300 }, (_, n) => ({
    type: 'A',
    name: `host${n}`,
    content: '192.0.2.1',
  }));
  const cloudflare = await listenCloudflareEmulator({
    zones: { 'example.org': records },
    log: (line) => asked.push(line),
  });
  t.after(() => cloudflare.close());
  const zones = new CloudflareZones({
    CLOUDFLARE_BASE_URL: cloudflare.url,
    CLOUDFLARE_API_TOKEN: cloudflare.token,
  });
  assert.equal((await zones.records('example.org')).length, records.length);
  assert.equal(asked.filter((line) => line.includes('/dns_records')).length, 1, asked.join('\n'));
});

test('a list is read to its end where Cloudflare gives fewer at once than it was asked for', async (t) => {
  const all = ['a', 'b', 'c', 'd', 'e'];
  const api = await listenApi(({ query }) => {
    const page = Number(query.get('page'));
    const result = all.slice(2 * (page - 1), 2 * page);
    return { status: 200, body: { result, result_info: { page, total_pages: 3 } } };
  });
  t.after(() => api.close());
  const cloudflare = new CloudflareApi({ CLOUDFLARE_BASE_URL: api.origin });
  assert.deepEqual(await cloudflare.list('zones/z/dns_records', 5000), all);
});
