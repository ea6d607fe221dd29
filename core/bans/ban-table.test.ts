import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofBanSet, renderBanTable } from './ban-table.ts';

const ports = [
  { port: 443, protocol: 'tcp' },
  { port: 22, protocol: 'tcp' },
  { port: 80, protocol: 'tcp' },
  { port: 443, protocol: 'udp' },
] as const;

test('banned addresses are refused at the ports of services, never at SSH, and loopback is free', () => {
  const lines = renderBanTable({ services: ['notes'], ports: [...ports] }).split('\n');
  const input = lines.filter((line) => line.startsWith('add rule inet haven_bans input '));
  assert.deepEqual(input, [
    'add rule inet haven_bans input iifname "lo" accept',
    'add rule inet haven_bans input meta l4proto tcp tcp dport { 80, 443 } ip saddr @v4-notes reject with tcp reset',
    'add rule inet haven_bans input meta l4proto udp udp dport { 443 } ip saddr @v4-notes reject',
    'add rule inet haven_bans input meta l4proto tcp tcp dport { 80, 443 } ip6 saddr @v6-notes reject with tcp reset',
    'add rule inet haven_bans input meta l4proto udp udp dport { 443 } ip6 saddr @v6-notes reject',
  ]);
  assert.ok(
    lines.includes(
      'add chain inet haven_bans forward { type filter hook forward priority -15; policy accept; }',
    ),
  );
  assert.ok(
    lines.includes(
      'add rule inet haven_bans forward meta l4proto tcp ct original proto-dst { 80, 443 } ip saddr @v4-notes reject with tcp reset',
    ),
  );
});

test('a change of the table ends no ban: sets are added, and only those of removed services deleted', () => {
  const text = renderBanTable({ services: ['notes'], ports: [], leftovers: ['v4-old'] });
  assert.doesNotMatch(text, /delete table|flush table|flush set/);
  assert.deepEqual(text.match(/^delete .*$/gm), ['delete set inet haven_bans v4-old']);
  assert.ok(
    text.indexOf('flush chain inet haven_bans forward') < text.indexOf('delete set'),
    'no rule uses it then',
  );
});

test('a set says whose it is', () => {
  assert.deepEqual(ofBanSet('v6-reverse-proxy'), { service: 'reverse-proxy', family: '6' });
  assert.equal(ofBanSet('other'), undefined);
});
