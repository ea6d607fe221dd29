import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeInStore, readRegistryRequest } from './names.ts';

test('a request to a registry is found in the store under the name of that registry', () => {
  const cases: [name: string, path: string, found: object | undefined][] = [
    ['registry-1.docker.io', '/v2/', { ask: 'version', registry: 'docker.io' }],
    [
      'registry-1.docker.io',
      '/v2/library/debian/manifests/trixie-slim',
      {
        ask: 'manifest',
        registry: 'docker.io',
        repository: 'library/debian',
        path: '/v2/docker.io/library/debian/manifests/trixie-slim',
      },
    ],
    [
      'quay.io',
      '/v2/keycloak/keycloak/blobs/sha256:00ff',
      {
        ask: 'blob',
        registry: 'quay.io',
        repository: 'keycloak/keycloak',
        path: '/v2/quay.io/keycloak/keycloak/blobs/sha256:00ff',
      },
    ],
    [
      'docker.gitea.com',
      '/v2/gitea/tags/list',
      {
        ask: 'tags',
        registry: 'docker.gitea.com',
        repository: 'gitea',
        path: '/v2/docker.gitea.com/gitea/tags/list',
      },
    ],
    ['auth.docker.io', '/token', { ask: 'token', registry: 'docker.io' }],
    ['auth.docker.io', '/v2/', undefined],
    ['registry-1.docker.io', '/token', undefined],
    ['ghcr.io', '/', undefined],
    ['ghcr.io', '/v2/a/../../quay.io/b/manifests/1', undefined],
    ['ghcr.io', '/v2/a/blobs/uploads/', undefined],
    ['registry.example', '/v2/', undefined],
  ];
  for (const [name, path, found] of cases)
    assert.deepEqual(readRegistryRequest(name, path), found, `${name}${path}`);
});

test('an image is published only under a registry that the sandbox has', () => {
  assert.deepEqual(placeInStore('docker.io/library/debian:trixie-slim'), {
    repository: 'docker.io/library/debian',
    tag: 'trixie-slim',
  });
  for (const image of ['debian:13', 'registry.example/a:1', 'quay.io/a', 'quay.io/../a:1'])
    assert.throws(
      () => placeInStore(image),
      /is not host\/name:tag of a registry that the sandbox has: docker\.io/,
    );
});
