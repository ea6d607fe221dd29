import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOtherPage } from './describe-other-page.ts';

test('names the first line that differs, also one that is missing or too many', () => {
  assert.equal(describeOtherPage('a\nmx: b\n', 'a\r\nmx: c\r\n'), 'with "mx: c" where "mx: b" is planned');
  assert.equal(describeOtherPage('a\nb', 'a'), 'with "" where "b" is planned');
  assert.equal(describeOtherPage('a', 'a\nb'), 'with "b" where "" is planned');
});
