import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bansIn, setsIn } from './ban.ts';
import { bannedNetwork } from './banned-network.ts';

const now = Date.parse('2026-11-29T12:00:00Z');
const table = JSON.stringify({
  nftables: [
    { metainfo: { version: '1.1.3' } },
    { table: { family: 'inet', name: 'haven_bans' } },
    { set: { name: 'v4-mail', elem: [{ elem: { val: '203.0.113.7', timeout: 600, expires: 540 } }] } },
    {
      set: {
        name: 'v6-keycloak',
        elem: [
          { elem: { val: { prefix: { addr: '2001:db8:1:2::', len: 64 } }, timeout: 1200, expires: 600 } },
        ],
      },
    },
    { set: { name: 'v4-keycloak' } },
    { chain: { name: 'input' } },
  ],
});

test('reads bans from the firewall, oldest first', () => {
  assert.deepEqual(bansIn(table, now), [
    {
      address: '2001:db8:1:2::/64',
      service: 'keycloak',
      since: '2026-11-29T11:50:00.000Z',
      until: '2026-11-29T12:10:00.000Z',
    },
    {
      address: '203.0.113.7',
      service: 'mail',
      since: '2026-11-29T11:59:00.000Z',
      until: '2026-11-29T12:09:00.000Z',
    },
  ]);
  assert.deepEqual(setsIn(table), ['v4-mail', 'v6-keycloak', 'v4-keycloak']);
});

test('an address is banned as it is over IPv4, and with its network over IPv6', () => {
  const networks = {
    '203.0.113.7': '203.0.113.7',
    ' 203.0.113.7 ': '203.0.113.7',
    '2001:DB8:1:2::3': '2001:db8:1:2::/64',
    '2001:db8:1:2::/64': '2001:db8:1:2::/64',
    '2001:db8::5': '2001:db8::/64',
    '2001:db8:0:0:1::': '2001:db8::/64',
    '2001:db8:1:0:a:b:c:d': '2001:db8:1::/64',
  };
  for (const [typed, network] of Object.entries(networks)) assert.equal(bannedNetwork(typed), network, typed);
  for (const typed of [
    '',
    'ada',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4/24',
    ':::',
    '2001:db8::/48',
    '1.2.3.4; reboot',
  ])
    assert.equal(bannedNetwork(typed), undefined, typed);
});
