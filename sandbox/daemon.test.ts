import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokens } from './daemon.ts';

test('the token for Hetzner is as long as a real one, which init checks', () => {
  assert.equal(tokens.hetzner.length, 64);
});
