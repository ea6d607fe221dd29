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
    { ipv4: 'open', ipv6: 'open' },
  );
  assert.match(
    text,
    /ip daddr 198\.51\.100\.10 tcp dport 443 accept\n {4}ip daddr 198\.51\.100\.10 tcp flags & \(syn \| ack\) == syn drop/,
  );
  assert.doesNotMatch(
    renderDataCentreFirewall([{ ipv4: '198.51.100.10', ipv6: undefined, rules: undefined }], {
      ipv4: 'open',
      ipv6: 'open',
    }),
    /198\.51/,
    'no firewall lets everything in',
  );
});

test('the ports for mail to other servers are blocked or slowed for one family of addresses alone', () => {
  const server = { ipv4: '198.51.100.10', ipv6: '2001:db8:7a:10::/64', rules: undefined };
  const text = renderDataCentreFirewall([server], { ipv4: 'blocked', ipv6: 'open' });
  assert.match(text, /ip saddr 198\.51\.100\.10 tcp dport \{ 25, 465 \} drop/);
  assert.doesNotMatch(text, /ip6 saddr/);
  assert.match(
    renderDataCentreFirewall([server], { ipv4: 'open', ipv6: 'slow' }),
    /ip6 saddr 2001:db8:7a:10::\/64 tcp dport \{ 25, 465 \} limit rate over 2\/second burst 5 packets drop/,
  );
});
