import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { addresses } from './network.ts';

interface Compose {
  services: Record<
    string,
    { networks?: { default: { ipv4_address: string } }; dns?: string[]; environment?: Record<string, string> }
  >;
}

test('each container has the address at which the others look for it', () => {
  const text = readFileSync(new URL('./compose.yaml', import.meta.url), 'utf8');
  const { services } = parse(text) as Compose;
  const given = Object.entries(services).map(([name, { networks }]) => [
    name,
    networks?.default.ipv4_address,
  ]);
  assert.deepEqual(Object.fromEntries(given), addresses);
  assert.equal(services.rspamd?.environment?.STORE_ADDRESS, addresses.valkey);
  for (const { dns = [addresses.unbound] } of Object.values(services))
    assert.deepEqual(dns, [addresses.unbound]);
});

test('Rspamd asks the resolver itself', () => {
  const text = readFileSync(new URL('./files/rspamd/options.inc', import.meta.url), 'utf8');
  assert.match(text, new RegExp(`^dns \\{ nameserver = \\["${addresses.unbound}"\\]; \\}$`, 'm'));
});
