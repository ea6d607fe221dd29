import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scratch } from '../../../test/support/scratch.ts';
import { loadMailKeys } from './keys.ts';
import { foreignMailOrder, foreignMailRecords } from './zone.ts';

const folder = scratch('foreign-mail');
const keys = loadMailKeys(folder);
const records = (order: object) => foreignMailRecords(keys, foreignMailOrder.parse(order));

test('the foreign server publishes what a strict company publishes', () => {
  const zone = records({});
  assert.match(zone, /^@ 60 IN MX 10 mx\.freemail\.test\.$/m);
  assert.match(zone, /^@ 60 IN TXT "v=spf1 ip4:198\.51\.100\.5 ip6:2001:db8:7a::5 -all"$/m);
  assert.match(zone, /^_dmarc 60 IN TXT "v=DMARC1; p=reject"$/m);
  const [, dkim = ''] = /^mail\._domainkey 60 IN TXT (.*)$/m.exec(zone) ?? [];
  const parts = dkim.slice(1, -1).split('" "');
  assert.ok(parts.length > 1 && parts.every((each) => each.length <= 255), 'in strings that DNS allows');
  assert.match(parts.join(''), /^v=DKIM1; k=rsa; p=MIIBIjAN/);
});

test('its TLSA record fits, is that of another key, or is missing, as a test orders', () => {
  const tlsa = (order: object) =>
    /^_25\._tcp\.mx\.freemail\.test\. 60 IN TLSA (.*)$/m.exec(records(order))?.[1];
  assert.match(tlsa({}) ?? '', /^3 1 1 [0-9a-f]{64}$/);
  assert.equal(tlsa({ tlsa: 'fits' }), tlsa({}));
  assert.notEqual(tlsa({ tlsa: 'wrong' }), tlsa({}));
  assert.equal(tlsa({ tlsa: 'none' }), undefined);
  assert.throws(() => records({ tlsa: 'off' }));
});

test('its policy for those who send to it is named in DNS, by another id for another mode', () => {
  const id = (order: object) => /^_mta-sts 60 IN TXT "v=STSv1; id=(\w+)"$/m.exec(records(order))?.[1];
  assert.equal(id({}), undefined);
  assert.ok(id({ sts: 'enforce' }));
  assert.notEqual(id({ sts: 'testing' }), id({ sts: 'enforce' }));
  assert.match(records({ sts: 'enforce' }), /^mta-sts\.freemail\.test\. 60 IN A 198\.51\.100\./m);
});

test('its keys are made once', () => {
  assert.deepEqual(loadMailKeys(folder), keys);
});
