import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderDataCentreFirewall } from './firewall.ts';

test('lets in what the rules allow, and no other new connection', () => {
  const text = renderDataCentreFirewall(
    [
      {
        ipv4: '198.51.100.10',
        ipv6: undefined,
        rules: [{ direction: 'in', protocol: 'tcp', port: '443', source_ips: ['0.0.0.0/0', '::/0'] }],
      },
    ],
    true,
  );
  assert.match(
    text,
    /ip daddr 198\.51\.100\.10 tcp dport 443 accept\n {4}ip daddr 198\.51\.100\.10 tcp flags & \(syn \| ack\) == syn drop/,
  );
  assert.match(text, /ip saddr 198\.51\.100\.10 tcp dport \{ 25, 465 \} drop/);
  assert.doesNotMatch(
    renderDataCentreFirewall([{ ipv4: '198.51.100.10', ipv6: undefined, rules: undefined }], false),
    /198\.51/,
    'no firewall lets everything in',
  );
});
