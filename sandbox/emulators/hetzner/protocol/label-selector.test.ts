import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesLabels } from './label-selector.ts';

test('selects labels as the API documents it', () => {
  const labels = { haven: 'x', part: 'a' };
  for (const [selector, expected] of [
    ['haven=x', true],
    ['haven==x,part==a', true],
    ['haven!=x', false],
    ['other!=x', true],
    ['haven', true],
    ['!haven', false],
    ['!other', true],
    ['part in (a, b)', true],
    ['part notin (a,b)', false],
    ['haven==x,part in (c)', false],
  ] as const) {
    assert.equal(matchesLabels(selector, labels), expected, selector);
  }
});
