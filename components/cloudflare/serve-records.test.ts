import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { engineProblems } from '../../core/engine-error.ts';
import { listenCloudflareEmulator } from '../../sandbox/emulators/cloudflare/listen.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { holdLimits } from './request-limit.ts';
import { serveRecords } from './serve-records.ts';

/** An emulated zone with so many records behind a front, and what reached the emulator. */
async function open(t: TestContext, count: number, limits = holdLimits) {
  const records = Array.from({ length: count }, (_, n) => ({
    type: 'A',
    name: `host${n}`,
    content: '192.0.2.1',
  }));
  const asked: string[] = [];
  const cloudflare = await listenCloudflareEmulator({
    zones: { 'example.org': records },
    log: (line) =>
      asked.push(
        line
          .split(' ')
          .slice(1)
          .join(' ')
          .replaceAll(/[0-9a-f]{32}/g, 'ID'),
      ),
  });
  const front = await serveRecords({ CLOUDFLARE_BASE_URL: cloudflare.url }, limits);
  t.after(async () => {
    await front.close();
    await cloudflare.close();
  });
  const zone = cloudflare.state.zones[0]!;
  const ask = async (
    method: string,
    path: string,
    body?: object,
    { token = cloudflare.token, signal = null }: { token?: string; signal?: AbortSignal | null } = {},
  ) => {
    const answer = await fetch(`${front.variables.CLOUDFLARE_BASE_URL}zones/${zone.id}/dns_records${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal,
    });
    return {
      status: answer.status,
      retryAfter: answer.headers.get('retry-after'),
      body: (await answer.json()) as { result: { content: string; id: string } },
    };
  };
  return { cloudflare, front, zone, asked, ask };
}
const list = 'GET /client/v4/zones/ID/dns_records?per_page=5000&page=1';
const one = 'GET /client/v4/zones/ID/dns_records/ID';

test('lists a zone once, and answers each of its records from the list as Cloudflare would', async (t) => {
  const { zone, asked, ask, front, cloudflare } = await open(t, 40);
  const all = await Promise.all(zone.records.map(({ id }) => ask('GET', `/${id}`)));
  assert.deepEqual(asked, [`${list} 200`]);
  const direct = await fetch(`${cloudflare.url}zones/${zone.id}/dns_records/${zone.records[7]!.id}`, {
    headers: { authorization: `Bearer ${cloudflare.token}` },
  });
  assert.deepEqual(all[7]!.body, await direct.json());

  front.beginRun();
  asked.length = 0;
  zone.records[0]!.content = '192.0.2.9';
  assert.equal((await ask('GET', `/${zone.records[0]!.id}`)).body.result.content, '192.0.2.9');
  assert.deepEqual(asked, [`${list} 200`], 'each run has a list of its own');
});

test('asks for a record itself that the list does not have, and for all of a zone that was changed', async (t) => {
  const { zone, asked, ask } = await open(t, 3);
  assert.equal((await ask('GET', `/${'0'.repeat(32)}`)).status, 404);
  assert.deepEqual(asked, [`${list} 200`, `${one} 404`]);
  const { id } = zone.records[0]!;
  const changed = await ask('PATCH', `/${id}`, { content: '192.0.2.7' });
  assert.deepEqual([changed.status, changed.body.result.content], [200, '192.0.2.7']);
  asked.length = 0;
  assert.equal((await ask('GET', `/${id}`)).body.result.content, '192.0.2.7');
  assert.deepEqual(asked, [`${one} 200`]);
});

test('a token that is refused is refused for each record', async (t) => {
  const { zone, ask } = await open(t, 1);
  assert.equal((await ask('GET', `/${zone.records[0]!.id}`, undefined, { token: 'another' })).status, 403);
});

test('a fault of Cloudflare reaches all who wait for the list, and the next request lists again', async (t) => {
  const { cloudflare, zone, asked, ask } = await open(t, 3);
  await cloudflare.setFaults({ failNext: 1 });
  const all = await Promise.all(zone.records.map(({ id }) => ask('GET', `/${id}`)));
  assert.deepEqual([...new Set(all.map(({ status }) => status))], [500]);
  assert.deepEqual(asked, [`${list} 500`]);
  assert.equal((await ask('GET', `/${zone.records[0]!.id}`)).status, 200);
});

test('where Cloudflare can not be reached, an owner is told that, with its address', async (t) => {
  const gone = await listenCloudflareEmulator();
  await gone.close();
  const front = await serveRecords({ CLOUDFLARE_BASE_URL: gone.url });
  t.after(() => front.close());
  const url = `${front.variables.CLOUDFLARE_BASE_URL}zones/a/dns_records/b`;
  const answer = await fetch(url);
  const said = `GET "${url}": ${answer.status} Bad Gateway ${await answer.text()}`;
  assert.deepEqual(engineProblems([front.restoreAddress(said)], []), [
    {
      where: '127.0.0.1',
      what: `can't be reached: ${new URL(gone.url).host} refuses the connection.`,
      remedy: 'Check your connection, then run the command again.',
    },
  ]);
});

const create = (n: number) => ({ type: 'A', name: `new${n}.example.org`, content: '192.0.2.1', ttl: 300 });

test('what is too much for Cloudflare is held until it takes requests again, and said once', async (t) => {
  const { cloudflare, zone, asked, ask, front } = await open(t, 1);
  await cloudflare.setFaults({ rateLimit: { requests: 5, seconds: 2 } });
  const said: string[] = [];
  front.beginRun((line) => said.push(line));
  const all = await Promise.all([
    ask('GET', `/${zone.records[0]!.id}`),
    ...Array.from({ length: 7 }, (_, n) => ask('POST', '', create(n))),
  ]);
  assert.deepEqual([...new Set(all.map(({ status }) => status))], [200]);
  assert.equal(zone.records.length, 8, 'each is created once');
  assert.deepEqual(said, [
    'Cloudflare takes no more requests for now (1,200 in 5 minutes). This continues in 2 seconds.',
  ]);
  assert.ok(asked.some((line) => line.endsWith(' 429')));
});

test('while requests are held, no other is sent', async (t) => {
  const { cloudflare, asked, ask } = await open(t, 1);
  await cloudflare.setFaults({ rateLimit: { requests: 0, seconds: 1 } });
  const first = ask('POST', '', create(1));
  await waitUntil('the refusal', async () => asked.length === 1, { everyMs: 5 });
  await cloudflare.setFaults({ rateLimit: undefined });
  const second = ask('POST', '', create(2));
  assert.equal(
    await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 300, 'held'))]),
    'held',
  );
  assert.equal(asked.length, 1);
  assert.deepEqual([(await first).status, (await second).status], [200, 200]);
});

test('a wait that would be longer than a request may be held is refused at once, with how long it is', async (t) => {
  const { cloudflare, ask } = await open(t, 1, { ...holdLimits, holdMs: 60_000 });
  await cloudflare.setFaults({ rateLimit: { requests: 0, seconds: 300 } });
  const { status, retryAfter } = await ask('POST', '', create(1));
  assert.deepEqual([status, retryAfter], [429, '300']);
});

test('what was held is not sent once nobody waits for it', async (t) => {
  const { cloudflare, zone, asked, ask } = await open(t, 1);
  await cloudflare.setFaults({ rateLimit: { requests: 0, seconds: 1 } });
  const left = new AbortController();
  const held = ask('POST', '', create(1), { signal: left.signal });
  await waitUntil('the refusal', async () => asked.length === 1, { everyMs: 5 });
  await cloudflare.setFaults({ rateLimit: undefined });
  left.abort();
  await assert.rejects(held, { name: 'AbortError' });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.deepEqual([asked.length, zone.records.length], [1, 1]);
});
