import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressesOf } from './addresses.ts';
import { nibbles, zoneFiles } from './zones.ts';

test('reverses addresses for reverse DNS', () => {
  assert.equal(
    nibbles('2001:db8:7a:10::1'),
    '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.a.7.0.0.8.b.d.0.1.0.0.2',
  );
});

test('each name that the internet serves has an address, where nothing listens while it refuses connections', () => {
  const root = (faults: Parameters<typeof addressesOf>[0]) =>
    zoneFiles([], {}, 1, addressesOf(faults))['.'] ?? '';
  for (const name of [
    'registry-1.docker.io',
    'auth.docker.io',
    'quay.io',
    'deb.debian.org',
    'security.debian.org',
    'fsn1.your-objectstorage.com',
    'u100000.your-storagebox.de',
  ])
    assert.ok(root({}).includes(`\n${name}. 60 IN A 198.51.100.2`), name);
  const refusing = root({
    'docker.io': 'refused',
    'deb.debian.org': 'refused',
    'quay.io': 'slow',
    'fsn1.your-objectstorage.com': 'full',
    'u100000.your-storagebox.de': 'refused',
  });
  for (const name of [
    'registry-1.docker.io',
    'auth.docker.io',
    'deb.debian.org',
    'u100000.your-storagebox.de',
  ])
    assert.ok(refusing.includes(`\n${name}. 60 IN A 198.51.100.4`), name);
  for (const name of ['quay.io', 'security.debian.org', 'fsn1.your-objectstorage.com'])
    assert.ok(refusing.includes(`\n${name}. 60 IN A 198.51.100.2`), name);
});
