import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Answer, askApi } from '../../../test/support/api-client.ts';
import { listenCloudflareEmulator } from './listen.ts';
import type { DnsRecord, Zone } from './state.ts';

interface Body {
  success: boolean;
  result: DnsRecord;
  errors: { code: number; message: string }[];
  result_info: Record<string, number>;
}

/** An account with the domain example.org, and what its name servers were told. */
async function openZone(t: TestContext, records: Partial<DnsRecord>[] = []) {
  const published: string[][] = [];
  const cloudflare = await listenCloudflareEmulator({
    zones: { 'example.org': records },
    publish: async (zone: Zone) => {
      published.push(zone.records.map((each) => `${each.name} ${each.type} ${each.content}`));
    },
  });
  t.after(() => cloudflare.close());
  const zone = cloudflare.state.zones[0]!;
  const ask = (method: string, path = '', body?: unknown): Promise<Answer<Body>> =>
    askApi(cloudflare, method, `/zones/${zone.id}/dns_records${path}`, body);
  const refusal = async (method: string, path: string, body?: unknown) => {
    const answer = await ask(method, path, body);
    assert.equal(answer.body.success, false);
    return [answer.status, answer.body.errors[0]?.code];
  };
  return { zone, ask, refusal, published };
}

test('creates a record, completes its name, and tells the name servers', async (t) => {
  const { ask, published, zone } = await openZone(t);
  const body = { type: 'A', name: 'www', content: '192.0.2.1', ttl: 300, comment: 'mine' };
  const { status, body: answer } = await ask('POST', '', body);
  assert.equal(status, 200);
  assert.partialDeepStrictEqual(answer.result, { ...body, name: 'www.example.org', proxied: false });
  assert.deepEqual(published.at(-1), ['www.example.org A 192.0.2.1']);
  assert.equal(zone.serial, 2);
  assert.equal((await ask('GET', `/${answer.result.id}`)).body.result.content, '192.0.2.1');
});

test('refuses an identical record, and takes a second one of another content', async (t) => {
  const { ask, refusal } = await openZone(t, [{ type: 'A', name: 'www', content: '192.0.2.1' }]);
  const same = { type: 'A', name: 'www.example.org', content: '192.0.2.1', ttl: 60 };
  assert.deepEqual(await refusal('POST', '', same), [400, 81058]);
  assert.equal((await ask('POST', '', { ...same, content: '192.0.2.2' })).status, 200);
});

test('a CNAME excludes every other record of its name, from both sides; at the top of a zone only addresses', async (t) => {
  const { ask, refusal, zone } = await openZone(t, [
    { type: 'CNAME', name: 'www', content: 'example.net' },
    { type: 'TXT', name: '@', content: 'text' },
  ]);
  assert.deepEqual(await refusal('POST', '', { type: 'A', name: 'www', content: '192.0.2.1' }), [400, 81053]);
  assert.deepEqual(await refusal('POST', '', { type: 'CNAME', name: 'www', content: 'a.net' }), [400, 81053]);
  assert.deepEqual(await refusal('POST', '', { type: 'TXT', name: 'www', content: 'text' }), [400, 81053]);
  assert.equal((await ask('POST', '', { type: 'CNAME', name: '@', content: 'a.net' })).status, 200);
  assert.equal((await ask('POST', '', { type: 'MX', name: '@', content: 'b.net', priority: 1 })).status, 200);
  assert.deepEqual(await refusal('POST', '', { type: 'A', name: '@', content: '192.0.2.1' }), [400, 81053]);
  assert.equal((await ask('POST', '', { type: 'A', name: 'www2', content: '192.0.2.1' })).status, 200);
  const replaced = { type: 'A', name: 'www', content: '192.0.2.1' };
  assert.equal((await ask('PUT', `/${zone.records[0]!.id}`, replaced)).status, 200, 'it replaces itself');
});

test('PUT replaces a record as a whole, PATCH the named fields, in its place', async (t) => {
  const { ask, zone } = await openZone(t, [
    { type: 'MX', name: '@', content: 'mail.example.net', priority: 10, comment: 'old' },
    { type: 'TXT', name: '@', content: 'text' },
  ]);
  const [mx, txt] = zone.records.map((each) => each.id);
  const { result } = (await ask('PATCH', `/${mx}`, { content: 'MX.example.net.' })).body;
  assert.partialDeepStrictEqual(result, { content: 'mx.example.net', priority: 10, comment: 'old' });
  const put = (await ask('PUT', `/${mx}`, { type: 'A', name: '@', content: '192.0.2.1' })).body.result;
  assert.equal(put.comment, null);
  assert.ok(!('priority' in put), 'an A record has no priority');
  assert.equal(put.created_on, result.created_on);
  assert.deepEqual(
    zone.records.map((each) => each.id),
    [mx, txt],
  );
});

test('deletes a record once; an unknown one does not exist', async (t) => {
  const { ask, refusal, zone, published } = await openZone(t, [
    { type: 'A', name: 'www', content: '192.0.2.1' },
  ]);
  const { id } = zone.records[0]!;
  assert.deepEqual((await ask('DELETE', `/${id}`)).body.result, { id });
  assert.deepEqual(published.at(-1), []);
  assert.deepEqual(await refusal('DELETE', `/${id}`), [404, 81044]);
  assert.deepEqual(await refusal('GET', `/${id}`), [404, 81044]);
});

test('lists records by name, type, content and comment, in pages', async (t) => {
  const { ask } = await openZone(t, [
    { type: 'A', name: 'www', content: '192.0.2.1', comment: 'haven web' },
    { type: 'AAAA', name: 'www', content: '2001:db8::1' },
    { type: 'A', name: 'mail', content: '192.0.2.2' },
  ]);
  const found = async (query: string) =>
    ((await ask('GET', query)).body.result as unknown as DnsRecord[]).map((each) => each.content);
  assert.deepEqual(await found('?name=www.example.org'), ['192.0.2.1', '2001:db8::1']);
  assert.deepEqual(await found('?type=A&content=192.0.2.2'), ['192.0.2.2']);
  assert.deepEqual(await found('?comment.contains=haven'), ['192.0.2.1']);
  assert.deepEqual(await found('?per_page=2&page=2'), ['192.0.2.2']);
  const { result_info } = (await ask('GET', '?per_page=2&page=2')).body;
  assert.deepEqual(result_info, { page: 2, per_page: 2, count: 1, total_count: 3, total_pages: 2 });
});

test('refuses a record that is not valid, with the reason', async (t) => {
  const { ask, zone } = await openZone(t);
  for (const [message, body] of [
    [/valid IPv4/, { type: 'A', name: 'www', content: '2001:db8::1' }],
    [/valid IPv6/, { type: 'AAAA', name: 'www', content: '192.0.2.1' }],
    [/priority is a required/, { type: 'MX', name: '@', content: 'mail.example.net' }],
    [/content is missing/, { type: 'TXT', name: '@' }],
    [/no records of type LOC/, { type: 'LOC', name: '@', content: 'x' }],
    [/CAA needs data: tag/, { type: 'CAA', name: '@', data: { flags: 0, value: 'ca.example' } }],
    [/TLSA needs data: certificate/, { type: 'TLSA', name: '@', data: tlsa('not hex') }],
    [/cannot be proxied/, { type: 'TXT', name: '@', content: 'x', proxied: true }],
    [/ttl must be 1 or between/, { type: 'A', name: 'www', content: '192.0.2.1', ttl: 30 }],
    [/: locked: Unrecognized key/, { type: 'A', name: 'www', content: '192.0.2.1', locked: true }],
  ] as const) {
    const answer = await ask('POST', '', body);
    assert.equal(answer.status, 400);
    assert.match(answer.body.errors[0]!.message, message);
  }
  assert.deepEqual(zone.records, []);
});

const tlsa = (certificate: string) => ({ usage: 3, selector: 1, matching_type: 1, certificate });

test('derives the content of a record from its data', async (t) => {
  const { ask } = await openZone(t);
  for (const [type, data, content] of [
    ['SRV', { priority: 1, weight: 2, port: 993, target: 'mail.example.org' }, '1 2 993 mail.example.org'],
    ['CAA', { flags: 0, tag: 'issue', value: 'ca.example' }, '0 issue "ca.example"'],
    ['TLSA', tlsa('00ff'), '3 1 1 00ff'],
    ['SSHFP', { algorithm: 4, type: 2, fingerprint: 'ab' }, '4 2 ab'],
  ] as const) {
    const { result } = (await ask('POST', '', { type, name: `_${type}`, data })).body;
    assert.deepEqual([result.content, result.data], [content, data]);
    assert.equal(result.priority, type === 'SRV' ? 1 : undefined);
  }
});
