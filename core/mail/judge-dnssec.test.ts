import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDs } from '../dns/ds.ts';
import type { PlannedZone } from '../dns/planned-zone.ts';
import type { ZoneKey, ZoneSigning } from '../dns/zone-signing.ts';
import { type DnssecSeen, judgeDnssec } from './judge-dnssec.ts';

/** The example of RFC 6605 §6.1. */
const ds = parseDs('55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17');
const publicKey = 'GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==';
const key: ZoneKey = { ds, flags: 257, publicKey };
const otherDs = { ...ds, keyTag: 4711 };
const zone: PlannedZone = { name: 'example.net', dns: 'cloudflare', dnssec: 'on' };

const judged = (seen: DnssecSeen, of: Partial<PlannedZone> = {}) => {
  const check = judgeDnssec({ ...zone, ...of }, seen);
  assert.equal(check.what, `DNSSEC ${of.name ?? zone.name}`);
  assert.equal(check.remedy === undefined, check.result === 'good', 'what is not good has a remedy');
  return check;
};
const said = (seen: DnssecSeen, of?: Partial<PlannedZone>): string => {
  const { result, evidence } = judged(seen, of);
  return `${result}: ${evidence}`;
};
const is = (state: ZoneSigning['state'], hasKey = true): { signing: ZoneSigning } => ({
  signing: { state, ...(hasKey ? { key } : {}) },
});
const bothForms = new RegExp(
  `^DS: key tag 55648, algorithm 13, digest type 2, digest ${ds.digest}\nDNSKEY: flags 257, protocol 3, algorithm 13, public key GojIhhX.*==$`,
  'm',
);

test('signed with the DS record that fits is good, also where the provider has not noticed it or it is of another digest', () => {
  assert.equal(
    said({ ...is('secure'), published: [ds] }),
    'good: signed, and your registrar has its DS record: 55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17',
  );
  const upper = { ...ds, digest: ds.digest.toUpperCase() };
  assert.equal(judged({ ...is('waiting'), published: [upper] }).result, 'good');
  const sha1 = parseDs('55648 13 1 0a2548cae6e93218f225029af1aa3dcc09a4a889');
  assert.equal(judged({ ...is('secure'), published: [sha1] }).result, 'good');
  assert.equal(
    judged({ ...is('secure'), published: [otherDs, ds] }).result,
    'good',
    'one that fits is enough',
  );
});

test('without a DS record it waits for the registrar, and says what to enter in both forms', () => {
  for (const state of ['waiting', 'secure'] as const) {
    const { result, evidence, remedy } = judged({ ...is(state), published: [] });
    assert.equal(`${result}: ${evidence}`, 'bad: signed, and waits for your registrar');
    assert.match(remedy ?? '', /^Enter at your registrar what it asks for, one of:\n/);
    assert.match(remedy ?? '', bothForms);
  }
  const below = { name: 'cloud.example.net' };
  assert.match(
    said({ ...is('waiting'), published: [] }, below),
    /waits for the DNS provider of example\.net$/,
  );
});

test('a DS record that does not fit makes the domain unreachable, and says what to enter instead', () => {
  const { result, evidence, remedy } = judged({ ...is('waiting'), published: [otherDs] });
  assert.equal(result, 'bad');
  assert.match(
    evidence,
    /^unreachable for everyone who validates: your registrar has DS 4711 13 2 b4.*, and the zone is signed with another key$/,
  );
  assert.match(remedy ?? '', /^Replace it at your registrar, now, by one of:\n/);
  assert.match(remedy ?? '', bothForms);
  for (const dnssec of ['on', 'off'] as const) {
    const unsigned = judged({ ...is('off', false), published: [ds] }, { dnssec });
    assert.match(unsigned.evidence, /^unreachable .*the zone is not signed$/);
    assert.equal(unsigned.remedy, 'Remove it at your registrar, now.');
  }
});

test('a zone that is not signed, or that its provider stops signing, is for haven up', () => {
  assert.equal(said({ ...is('off', false), published: [] }), 'bad: the zone is not signed');
  assert.match(
    said({ ...is('ending'), published: [ds] }),
    /^bad: the zone is signed, and DNSSEC was disabled/,
  );
  assert.match(said({ ...is('ending'), published: [] }), /^bad: the zone is signed, and DNSSEC was disabled/);
  assert.match(said({ ...is('failed'), published: [] }), /^bad: your DNS provider reports an error/);
});

test('with "dnssec: false" nothing is asked of the owner', () => {
  const off = { dnssec: 'off' } as const;
  const left = 'good: left as it is, as haven.yaml says (dnssec: false)';
  assert.equal(said({ ...is('off', false), published: [] }, off), left);
  assert.equal(said({ ...is('waiting'), published: [] }, off), left);
  assert.match(said({ ...is('secure'), published: [ds] }, off), /^good: signed, DS 55648/);
});

test('what can not be known is not called wrong', () => {
  assert.equal(said({ why: 'Cloudflare answers 403', published: [] }), 'unknown: Cloudflare answers 403');
  assert.equal(said(is('secure')), 'unknown: the DNS does not answer');
  assert.equal(
    said({ ...is('waiting', false), published: [] }),
    'unknown: your DNS provider does not show its key',
  );
  const manual = { dns: 'manual' };
  assert.equal(said({ published: [] }, manual), "unknown: haven can't sign it (dns: manual)");
  assert.match(said({ published: [ds] }, manual), /^unknown: you sign it \(dns: manual\): DS 55648/);
});
