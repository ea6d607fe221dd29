import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ZoneDnssec } from '../emulators/cloudflare/state.ts';
import { knotConf } from './config-files.ts';
import { signedZones } from './signed-zones.ts';

const zone = (dnssec?: Omit<ZoneDnssec, 'privateKey'>) => ({
  ...{ id: '1', name: 'example.test', status: 'active' as const, records: [], serial: 1 },
  ...(dnssec ? { dnssec: { privateKey: 'KEY', ...dnssec } } : {}),
});

test('a zone is signed from when DNSSEC is enabled until it is deleted, and tells its parent what it wants', () => {
  const at = '2026-01-01T00:00:00Z';
  const tells = (dnssec?: Omit<ZoneDnssec, 'privateKey'>) =>
    signedZones({}, [zone(dnssec)])['example.test.']?.tellsParent;
  assert.equal(tells(), undefined);
  assert.equal(tells({ status: 'pending', modified_on: at }), 'key');
  assert.equal(tells({ status: 'active', modified_on: at }), 'key');
  assert.equal(tells({ status: 'pending-disabled', modified_on: at }), 'delete');
  assert.equal(tells({ status: 'disabled', modified_on: at }), 'delete');
  assert.equal(tells({ status: 'disabled', modified_on: null }), undefined, 'deleted');
});

test('the name server signs the zones that have a key, and no others', () => {
  const signed = signedZones({ 'test.': 'KEY' }, []);
  const [, own = '', other = ''] = knotConf(['test.', 'example.test.'], signed).split(/^ {2}- domain: /m);
  assert.match(own, /^test\.\n {4}file: test\.zone\n {4}dnssec-signing: on\n {4}dnssec-policy: nothing$/m);
  assert.match(other, /^example\.test\./);
  assert.doesNotMatch(other, /dnssec/);
});
