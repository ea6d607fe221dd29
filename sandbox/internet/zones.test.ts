import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateZoneKey } from '../dnssec/zone-key.ts';
import { addressesOf } from './addresses.ts';
import { type InternetContent, nibbles, ownSignedZones, zoneFiles } from './zones.ts';

const ownKeys = Object.fromEntries(ownSignedZones.map((zone) => [zone, generateZoneKey()]));

/** An internet with nothing in it, except for what is given. */
const filesOf = (content: Partial<InternetContent>) =>
  zoneFiles({ customers: [], pointers: {}, names: {}, ownKeys, serial: 1, ...content });

test('reverses addresses for reverse DNS', () => {
  assert.equal(
    nibbles('2001:db8:7a:10::1'),
    '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.a.7.0.0.8.b.d.0.1.0.0.2',
  );
});

test('each name that the internet serves has an address, where nothing listens while it refuses connections', () => {
  const root = (faults: Parameters<typeof addressesOf>[0]) =>
    filesOf({ names: addressesOf(faults) })['.'] ?? '';
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

test('a chain of keys leads from the root to our own zones, and a zone of an owner is delegated unsigned', () => {
  const zone = { id: '1', name: 'example.test', status: 'active' as const, records: [], serial: 1 };
  const files = filesOf({ customers: [zone] });
  assert.match(files['.'] ?? '', /^test\. 60 IN DS \d+ 13 2 [0-9A-F]{64}$/m);
  assert.match(files['test.'] ?? '', /^sandbox\.test\. 60 IN DS \d+ 13 2 [0-9A-F]{64}$/m);
  assert.match(files['test.'] ?? '', /^example\.test\. 60 IN NS ada\.ns\.sandbox\.test\.$/m);
  assert.doesNotMatch(files['test.'] ?? '', /^example\.test\. \d+ IN DS/m);
  assert.match(files['.'] ?? '', /^100\.51\.198\.in-addr\.arpa\. 60 IN NS ns\.sandbox\.test\.$/m);
});
