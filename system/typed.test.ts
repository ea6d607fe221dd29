import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typed } from './typed.ts';

test('a command is shown as it can be typed: by npm in a checkout, by its name where it is installed', () => {
  assert.equal(typed('plan', 'start'), 'npm run haven -- plan');
  assert.equal(typed('plan', 'haven'), 'npm run haven -- plan');
  assert.equal(typed('plan', 'npx'), 'haven plan');
});
