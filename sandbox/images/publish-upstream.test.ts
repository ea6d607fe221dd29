import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upstreamDockerfile } from './publish-upstream.ts';

test('what is published has upstream’s files where a Dockerfile takes them from', () => {
  const dockerfile = [
    'ARG UPSTREAM=quay.io/some/proxy:1',
    'FROM ${UPSTREAM} AS upstream',
    'FROM debian:trixie-slim',
    'COPY --from=upstream /bin/proxy /usr/bin/proxy',
    'COPY start /usr/local/bin/start',
  ].join('\n');
  assert.equal(
    upstreamDockerfile(dockerfile, 'openhaven/proxy:1'),
    'FROM openhaven/proxy:1 AS built\nFROM scratch\nCOPY --from=built /usr/bin/proxy /bin/proxy\n',
  );
});
