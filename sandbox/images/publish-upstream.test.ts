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

test('what a Dockerfile of ours added to a folder of upstream’s is not published', () => {
  const dockerfile = [
    'ARG UPSTREAM=quay.io/some/login:1',
    'COPY --from=upstream /opt/keycloak /opt/keycloak',
  ];
  assert.equal(
    upstreamDockerfile(dockerfile.join('\n'), 'openhaven/login:1'),
    [
      'FROM openhaven/login:1 AS built',
      'USER 0',
      'RUN rm -rf /opt/keycloak/baked',
      'FROM scratch',
      'COPY --from=built /opt/keycloak /opt/keycloak\n',
    ].join('\n'),
  );
});
