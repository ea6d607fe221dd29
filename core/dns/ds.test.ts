import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDsOf, parseDs, renderDs } from './ds.ts';
import type { ZoneKey } from './zone-signing.ts';

/** The example of RFC 6605 §6.1. */
const zone = 'example.net';
const record = '55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17';
const key: ZoneKey = {
  ds: parseDs(record),
  flags: 257,
  publicKey: 'GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==',
};

test('a DS record is read and written as a zone file has it', () => {
  assert.equal(renderDs(key.ds), record);
  assert.deepEqual(parseDs(`55648 13 2 ${'AB CD'}`).digest, 'ABCD');
  assert.throws(() => parseDs('13 2 abcd'), /"13 2 abcd" is not the content of a DS record/);
});

test('a DS record fits the key that it is made of, and no other', () => {
  assert.ok(isDsOf(zone, key, key.ds));
  assert.ok(isDsOf('Example.NET.', key, { ...key.ds, digest: key.ds.digest.toUpperCase() }));
  assert.ok(!isDsOf('example.org', key, key.ds), 'the name is part of it');
  assert.ok(!isDsOf(zone, { ...key, flags: 256 }, key.ds));
  assert.ok(!isDsOf(zone, key, { ...key.ds, keyTag: 55649 }));
  assert.ok(!isDsOf(zone, key, { ...key.ds, digest: `${key.ds.digest.slice(0, -1)}8` }));
  assert.ok(!isDsOf(zone, key, { ...key.ds, digestType: 3 }), 'a digest that no resolver has to know');
});

test('a registrar may have chosen another digest', () => {
  // Worked out with Python's hashlib from the same key.
  const others = [
    '55648 13 1 0a2548cae6e93218f225029af1aa3dcc09a4a889',
    '55648 13 4 3be4b980b34443e569255f4a347d4c8e8e18de755fb8072d7b355c44c56b50a61e8050ae636041b9664a04f05aef2680',
  ];
  for (const other of others) assert.ok(isDsOf(zone, key, parseDs(other)), other);
});
