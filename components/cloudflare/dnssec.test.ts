import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudflareDnssec } from './dnssec.ts';

const environment = { CLOUDFLARE_BASE_URL: 'https://cloudflare.test', CLOUDFLARE_API_TOKEN: 'x' };
const none = {
  flags: null,
  algorithm: null,
  digest_type: null,
  digest: null,
  key_tag: null,
  public_key: null,
};
/** Algorithm and digest type are texts, flags and key tag numbers (developers.cloudflare.com/api). */
const shown = {
  flags: 257,
  algorithm: '13',
  digest_type: '2',
  digest: 'AB12',
  key_tag: 0,
  public_key: 'a2V5',
};
const key = {
  ds: { keyTag: 0, algorithm: 13, digestType: 2, digest: 'AB12' },
  flags: 257,
  publicKey: 'a2V5',
};

const cases: [what: string, answer: object, signing: object][] = [
  ['signed and published', { status: 'active', ...shown }, { state: 'secure', key }],
  ['signed, not published', { status: 'pending', ...shown }, { state: 'waiting', key }],
  ['disabled, DS record still there', { status: 'pending-disabled', ...shown }, { state: 'ending', key }],
  ['disabled, and still signed', { status: 'disabled', ...shown }, { state: 'ending', key }],
  ['never signed', { status: 'disabled', ...none }, { state: 'off' }],
  ['an error', { status: 'error', ...none }, { state: 'failed' }],
];
for (const [what, result, signing] of cases)
  test(`reads a zone's DNSSEC: ${what}`, async (t) => {
    t.mock.method(globalThis, 'fetch', async (url: string) =>
      Response.json({ result: url.endsWith('/zones/z1/dnssec') ? result : [{ id: 'z1' }] }),
    );
    assert.deepEqual(await new CloudflareDnssec(environment).look('example.org'), signing);
  });

test('an answer that is something else is not taken for a state', async (t) => {
  t.mock.method(globalThis, 'fetch', async (url: string) =>
    Response.json({ result: url.endsWith('/dnssec') ? { status: 'on' } : [{ id: 'z1' }] }),
  );
  await assert.rejects(new CloudflareDnssec(environment).look('example.org'), /doesn't understand/);
});
