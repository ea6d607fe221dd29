import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokens } from './tokens.ts';

test("the sandbox's tokens have the length that init asks for: 64 characters at Hetzner, 40 at Cloudflare", () => {
  assert.equal(tokens.hetzner.length, 64);
  assert.equal(tokens.cloudflare.length, 40);
});
