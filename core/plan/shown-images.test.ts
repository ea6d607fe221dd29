import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Download, type ImageDownloads, showImages, summariseImages } from './shown-images.ts';

const download = (image: string, megabytes: number): Download => ({
  image,
  digest: `sha256:${image}`,
  bytes: megabytes * 1e6,
});
const debian = download('docker.io/library/debian:trixie-slim', 30);
const caddy = download('docker.io/library/caddy:2', 50);
const built = (name: string, ...downloads: Download[]): ImageDownloads => ({
  ...{ name, services: [name], isBuilt: true, downloads },
});

test('what several images are built on is downloaded once', () => {
  const shown = showImages([built('caddy', caddy, debian), built('haproxy', debian)]);
  assert.equal(shown.megabytes, 80);
  assert.deepEqual(
    shown.list.map(({ name, version, megabytes, from }) => [name, version, megabytes, from.length]),
    [
      ['caddy', '2', 80, 3],
      ['haproxy', 'trixie-slim', 30, 2],
    ],
  );
  assert.equal(summariseImages(shown), '2 images: 80 MB to download, 2 built on the server.');
});

test('what a server has already is not downloaded again', () => {
  const shown = showImages([built('caddy', caddy, debian)], new Set([debian.image]));
  assert.equal(shown.megabytes, 50);
  assert.equal(shown.list[0]?.megabytes, 50);
});
