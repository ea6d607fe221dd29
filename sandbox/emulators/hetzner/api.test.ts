import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHetzner, smallServer } from '../../../test/support/hetzner-client.ts';

test('what the emulator does not have is refused by name', async (t) => {
  const { ask, settle } = await openHetzner(t);
  const { id } = (await settle('POST', '/servers', smallServer)).body.server;
  for (const [method, path, what] of [
    ['GET', '/load_balancers', 'GET /load_balancers'],
    ['GET', '/constructor', 'GET /constructor'],
    ['PATCH', '/servers', 'PATCH /servers'],
    ['PATCH', `/servers/${id}`, `PATCH /servers/${id}`],
    ['GET', `/servers/${id}/metrics`, `GET /servers/${id}/metrics`],
    ['GET', `/servers/${id}/actions`, `GET /servers/${id}/actions`],
    ['POST', '/images', 'POST /images'],
    ['POST', '/actions', 'POST /actions'],
    ['POST', `/servers/${id}/actions/enable_rescue`, 'action "enable_rescue" for servers'],
    ['POST', `/servers/${id}/actions/toString`, 'action "toString" for servers'],
  ] as const) {
    const { status, body } = await ask(method, path);
    assert.deepEqual(
      [status, body.error],
      [404, { code: 'not_found', message: `the sandbox has no ${what}`, details: {} }],
    );
  }
});

test('a thing that does not exist is not found, by its kind and number', async (t) => {
  const { ask } = await openHetzner(t);
  for (const kind of ['server', 'volume', 'primary_ip', 'firewall', 'ssh_key', 'action', 'image']) {
    const { status, body } = await ask('GET', `/${kind}s/4711`);
    assert.deepEqual([status, body.error.message], [404, `${kind} with ID '4711' not found`]);
  }
});

test('lists come in pages, and an unknown filter is refused by name', async (t) => {
  const { ask } = await openHetzner(t);
  const { body } = await ask('GET', '/server_types?per_page=2&page=2');
  assert.partialDeepStrictEqual(body, { server_types: [{ name: 'cx43' }, { name: 'cax11' }] });
  assert.deepEqual(body.meta.pagination, {
    ...{ page: 2, per_page: 2, previous_page: 1, next_page: 3, last_page: 3, total_entries: 5 },
  });
  const last = (await ask('GET', '/server_types?per_page=2&page=3')).body.meta.pagination;
  assert.deepEqual([last.next_page, last.previous_page], [null, 2]);
  const refused = await ask('GET', '/servers?colour=blue');
  assert.equal(refused.body.error.message, "invalid input in field 'colour'");
});

test('the catalogue is read by name, architecture and number', async (t) => {
  const { ask } = await openHetzner(t);
  const { body } = await ask('GET', '/images?name=debian-13&architecture=arm&include_deprecated=true');
  assert.partialDeepStrictEqual(body, { images: [{ id: 310001, architecture: 'arm' }] });
  assert.partialDeepStrictEqual((await ask('GET', '/images/310000')).body, {
    image: { architecture: 'x86' },
  });
  assert.partialDeepStrictEqual((await ask('GET', '/locations?name=hel1')).body, {
    locations: [{ city: 'Helsinki' }],
  });
  assert.partialDeepStrictEqual((await ask('GET', '/pricing')).body, { pricing: { currency: 'EUR' } });
});
