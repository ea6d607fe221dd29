import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNewEnough } from './find-go.ts';

test('takes a Go that can download newer ones, and no older one', () => {
  const versions = ['go1.21.0', 'go1.26.8', 'go2.0', 'go1.20.14', 'go1.19', '', 'devel'];
  assert.deepEqual(versions.filter(isNewEnough), ['go1.21.0', 'go1.26.8', 'go2.0']);
});
