import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dsOf, generateZoneKey, publicKeyOf, renderDs } from './zone-key.ts';

/** The example of RFC 6605 §6.1. */
const example = {
  zone: 'example.net.',
  publicKey: 'GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==',
  ds: '55648 13 2 B4C8C1FE2E7477127B27115656AD6256F424625BF5C1E2770CE6D6E37DF61D17',
};

test('a DS record is that of the example in RFC 6605', () => {
  assert.equal(renderDs(dsOf(example.zone, example.publicKey)), example.ds);
  assert.equal(renderDs(dsOf('EXAMPLE.net', example.publicKey)), example.ds, 'names have no case');
  assert.notEqual(renderDs(dsOf('example.org', example.publicKey)), example.ds);
});

test('each new key is another one, of 64 bytes', () => {
  const [one, two] = [publicKeyOf(generateZoneKey()), publicKeyOf(generateZoneKey())];
  assert.notEqual(one, two);
  assert.equal(Buffer.from(one, 'base64').length, 64);
});
