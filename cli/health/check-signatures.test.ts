import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSignatures } from './check-signatures.ts';

const now = Date.parse('2026-11-29T12:00:00Z');
const day = 24 * 60 * 60_000;

test('old signatures of a virus scanner fail, with what to do; a service without, or one that is stopped, says nothing', () => {
  const mail = { service: 'mail', switchedOff: false };
  const [old] = checkSignatures([{ ...mail, signaturesMadeAt: now - 9 * day }], now);
  assert.equal(old?.good, false);
  assert.match(old.evidence, /are 9 days old\. .*run: haven logs mail/);
  assert.equal(checkSignatures([{ ...mail, signaturesMadeAt: now - day }], now)[0]?.good, true);
  assert.deepEqual(checkSignatures([mail], now), []);
  assert.deepEqual(
    checkSignatures([{ ...mail, switchedOff: true, signaturesMadeAt: now - 9 * day }], now),
    [],
  );
});
