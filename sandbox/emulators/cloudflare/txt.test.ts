import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quoteTxt, zoneFileTxt } from './txt.ts';

test('keeps TXT contents as Cloudflare keeps them', () => {
  assert.equal(quoteTxt('short'), 'short');
  assert.equal(quoteTxt('"quoted"'), '"quoted"');
  assert.equal(quoteTxt('x'.repeat(300)), `"${'x'.repeat(255)}" "${'x'.repeat(45)}"`);
  assert.equal(quoteTxt(`"${'x'.repeat(300)}"`), `"${'x'.repeat(255)}" "${'x'.repeat(45)}"`);
  assert.equal(zoneFileTxt('say "hi"'), '"say \\"hi\\""');
});
