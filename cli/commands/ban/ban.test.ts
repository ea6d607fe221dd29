import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BanList } from '../../../agent/bans/ban-commands.ts';
import { fails, openCloud, succeeds, type } from '../../../test/support/typist.ts';

const ban = {
  address: '203.0.113.7',
  service: 'keycloak',
  since: '2026-11-29T12:00:00.000Z',
  until: '2026-11-29T12:10:00.000Z',
};

test('lists who is banned, until when and why', async () => {
  let list: BanList = { isGuarding: true, bans: [] };
  await openCloud({ agent: { 'ban-list': () => list } });
  assert.match((await type(['ban', 'list'])).stdout, /No address is banned\.\n/);
  list = { isGuarding: true, bans: [ban] };
  const { screen, json } = await succeeds('ban list');
  assert.match(
    screen.stdout,
    /203\.0\.113\.7 +since .*12:00.*, until .*12:10.*, for failed logins at keycloak\n/,
  );
  assert.deepEqual(json, list);
  list = { isGuarding: false, bans: [] };
  assert.match((await type(['ban', 'list'])).stdout, /✖ .*fail2ban is not running.*haven alarm list/);
});

test('ends the ban of an address, over IPv6 that of its network, and twice is a success', async () => {
  let bans = [ban];
  const cloud = await openCloud({ agent: { 'ban-lift': () => bans } });
  const { screen, json } = await succeeds('ban lift', ['203.0.113.7']);
  assert.match(screen.stdout, /The ban of 203\.0\.113\.7 for failed logins at keycloak has ended\./);
  assert.deepEqual(json, { address: '203.0.113.7', lifted: [ban] });
  bans = [];
  const none = await succeeds('ban lift', ['2001:DB8:1:2:0::3']);
  assert.match(none.screen.stdout, /2001:db8:1:2::\/64 is not banned/);
  assert.deepEqual(cloud.agent.asked.at(-1)?.args, ['2001:db8:1:2::/64']);
});

test('what is not an address is refused', async () => {
  await openCloud({ agent: {} });
  await fails(['ban', 'lift', 'ada'], 'failed', /ada: is not a valid IP address\. See: haven ban list/);
});

test('haven status fails while nobody counts failed logins', async () => {
  let list: BanList = { isGuarding: true, bans: [ban, { ...ban, service: 'mail' }] };
  await openCloud({
    agent: { clock: () => ({ now: Date.now() }), list: () => [], disks: () => [], 'ban-list': () => list },
  });
  assert.match(
    (await type(['status'])).stdout,
    /✔ bans +failed logins are counted; banned: 1\. See: haven ban/,
  );
  list = { isGuarding: false, bans: [] };
  assert.match((await type(['status'])).stdout, /✖ bans +Failed logins are not counted, because fail2ban/);
});
