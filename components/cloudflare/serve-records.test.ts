import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { engineProblems } from '../../core/engine-error.ts';
import { listenCloudflareEmulator } from '../../sandbox/emulators/cloudflare/listen.ts';
import { serveRecords } from './serve-records.ts';

/** An emulated zone with so many records behind a front, and what reached the emulator. */
async function open(t: TestContext, count: number) {
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
  const front = await serveRecords({ CLOUDFLARE_BASE_URL: cloudflare.url });
  t.after(async () => {
    await front.close();
    await cloudflare.close();
  });
  const zone = cloudflare.state.zones[0]!;
  const ask = async (method: string, path: string, body?: object, token = cloudflare.token) => {
    const answer = await fetch(`${front.variables.CLOUDFLARE_BASE_URL}zones/${zone.id}/dns_records${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return {
      status: answer.status,
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
  assert.equal((await ask('GET', `/${zone.records[0]!.id}`, undefined, 'another')).status, 403);
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
