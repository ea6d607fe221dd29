import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderServerFirewall } from './server-firewall.ts';

test('what a boot loads keeps containers from the metadata service, with and without a service in trial', () => {
  for (const bridges of [[], ['hv-x']]) {
    const text = renderServerFirewall({ bridges, ports: [], uids: [], checkUid: 990 });
    const table = /^table inet haven_metadata \{[^}]*\}\n\}$/m.exec(text)?.[0] ?? '';
    assert.match(table, /hook forward priority -20; policy accept;\s+ip daddr 169\.254\.0\.0\/16 drop/);
    assert.match(text, /^table inet haven_trial \{$/m);
  }
});
