import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remedyFor } from './remedies.ts';

test("adds a remedy to a provider's refusal", () => {
  for (const [error, remedy] of [
    [
      'error during placement: cx23 is not available in fsn1 (resource_unavailable)',
      /server\.type or server\.location/,
    ],
    ['server limit exceeded (resource_limit_exceeded, 1a2b)', /under Limits/],
    ['limit of 3600 requests per hour reached (rate_limit_exceeded)', /Wait a few minutes/],
    ['your account is not yet verified (forbidden)', /verify your account/],
    ['name is already used (uniqueness_error)', /Rename or delete it/],
    ['unable to authenticate (unauthorized)', /haven secret set hcloud-token/],
  ] as const)
    assert.match(remedyFor(error), remedy, error);
});

test('leaves other errors as they are', () => {
  assert.equal(remedyFor('ledger did not start, and the change was undone.'), '');
});
