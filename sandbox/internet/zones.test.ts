import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateZoneKey } from '../dnssec/zone-key.ts';
import type { Domain } from '../registrar/registrar.ts';
import { addressesOf } from './addresses.ts';
import { type InternetContent, nibbles, ownSignedZones, zoneFiles } from './zones.ts';

const ownKeys = Object.fromEntries(ownSignedZones.map((zone) => [zone, generateZoneKey()]));

/** An internet with nothing in it, except for what is given. */
const filesOf = (content: Partial<InternetContent>) =>
  zoneFiles({ customers: [], domains: {}, pointers: {}, names: {}, ownKeys, serial: 1, ...content });

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

const zone = { id: '1', name: 'example.test', status: 'active' as const, records: [], serial: 1 };
const nameServers = ['ada.ns.sandbox.test', 'bob.ns.sandbox.test'];

test('a chain of keys leads from the root to our own zones, and a domain is delegated as its registrar says', () => {
  const ds = { keyTag: 1, algorithm: 13, digestType: 2, digest: 'AB' };
  const topLevel = (domain: Domain) =>
    filesOf({ customers: [zone], domains: { 'example.test': domain } })['test.'] ?? '';
  const root = filesOf({})['.'] ?? '';
  assert.match(root, /^test\. 60 IN DS \d+ 13 2 [0-9A-F]{64}$/m);
  assert.match(root, /^100\.51\.198\.in-addr\.arpa\. 60 IN NS ns\.sandbox\.test\.$/m);
  const plain = topLevel({ nameServers, ds: [] });
  assert.match(plain, /^sandbox\.test\. 60 IN DS \d+ 13 2 [0-9A-F]{64}$/m);
  assert.match(plain, /^example\.test\. 60 IN NS ada\.ns\.sandbox\.test\.$/m);
  assert.doesNotMatch(plain, /^example\.test\. \d+ IN DS/m);
  assert.match(topLevel({ nameServers, ds: [ds] }), /^example\.test\. 60 IN DS 1 13 2 AB$/m);
});

test('a domain whose name servers are elsewhere is not answered for', () => {
  const files = (servers: string[]) =>
    filesOf({ customers: [zone], domains: { 'example.test': { nameServers: servers, ds: [] } } });
  assert.ok('example.test.' in files(nameServers));
  assert.ok(!('example.test.' in files(['a.example.net', 'b.example.net'])));
});

test('the zone of the foreign mail server exists once it was asked for, and is signed', () => {
  const key = { 'freemail.test.': generateZoneKey() };
  const asked = filesOf({ foreignMail: '@ 60 IN MX 10 mx', ownKeys: { ...ownKeys, ...key } });
  assert.match(asked['freemail.test.'] ?? '', /^@ 60 IN MX 10 mx$/m);
  assert.match(asked['test.'] ?? '', /^freemail\.test\. 60 IN DS \d+ 13 2 [0-9A-F]{64}$/m);
  assert.ok(!('freemail.test.' in filesOf({})));
  assert.throws(() => filesOf({ foreignMail: '' }), /no key for the zone freemail\.test\./);
});
