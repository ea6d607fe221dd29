import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerIpv6, renderServerFirewall, serverTables } from './server-firewall.ts';

test('what a boot loads keeps containers from the metadata service, with and without a service in trial', () => {
  for (const bridges of [[], ['hv-x']]) {
    const text = renderServerFirewall({ bridges, ports: [], uids: [], checkUid: 990 });
    const table = /^table inet haven_metadata \{[^}]*\}\n\}$/m.exec(text)?.[0] ?? '';
    assert.match(table, /hook forward priority -20; policy accept;\s+ip daddr 169\.254\.0\.0\/16 drop/);
    assert.match(text, /^table inet haven_trial \{$/m);
  }
});

test('containers with IPv6 send with the address of the server, and nothing from outside begins a connection to them', () => {
  const text = renderServerFirewall({ bridges: [], ports: [], uids: [], checkUid: 990 });
  const [, table = ''] = /^table inet haven_ipv6 \{([\s\S]*?)^\}$/m.exec(text) ?? [];
  const own = containerIpv6.replaceAll('/', '\\/');
  assert.match(table, new RegExp(`iifname != "hv-\\*" ip6 daddr ${own} ct direction original drop`));
  assert.match(table, new RegExp(`ip6 saddr ${own} ip6 daddr != ${own} masquerade`));
});

test('every table that is loaded is named, so that a look at the server asks for it', () => {
  const text = renderServerFirewall({ bridges: [], ports: [], uids: [], checkUid: 990 });
  const loaded = [...text.matchAll(/^table (.*) \{$/gm)].map(([, name]) => name);
  assert.deepEqual(
    loaded,
    serverTables.map((each) => `inet ${each}`),
  );
});
