import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bundle } from './release.ts';
import { unusedImages } from './unused-images.ts';

const bundle = (...images: string[]): Bundle =>
  ({ release: { images: Object.fromEntries(images.map((each) => [each, each])) } }) as unknown as Bundle;

test('an image goes with the last release that names it, of whichever service', () => {
  const dropped = [bundle('gitea:1', 'postgres:17'), bundle('gitea:2', 'postgres:17')];
  assert.deepEqual(unusedImages(dropped, [bundle('gitea:2'), bundle('miniflux:1', 'postgres:17')]), [
    'gitea:1',
  ]);
  assert.deepEqual(unusedImages([], [bundle('gitea:2')]), []);
});
