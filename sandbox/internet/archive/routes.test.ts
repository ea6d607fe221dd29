import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeArchiveRequest, validUntil } from './routes.ts';

const mirrors = {
  debian: 'http://mirror.example/debian/',
  security: 'https://other.example/debian-security',
};

test('a request to Debian’s archive goes to the mirror, and is kept as long as its name means the same', () => {
  const hash = 'dists/trixie/main/binary-amd64/by-hash/SHA256/00ff';
  const cases: [name: string, path: string, upstream: string, keep: string][] = [
    [
      'deb.debian.org',
      '/debian/dists/trixie/InRelease',
      'http://mirror.example/debian/dists/trixie/InRelease',
      'ask-again',
    ],
    ['deb.debian.org', `/debian/${hash}`, `http://mirror.example/debian/${hash}`, 'forever'],
    [
      'deb.debian.org',
      '/debian/dists/trixie/main/binary-amd64/Packages.xz',
      'http://mirror.example/debian/dists/trixie/main/binary-amd64/Packages.xz',
      'never',
    ],
    [
      'deb.debian.org',
      '/debian-security/pool/a_1_amd64.deb',
      'https://other.example/debian-security/pool/a_1_amd64.deb',
      'forever',
    ],
    [
      'security.debian.org',
      '/debian-security/dists/trixie-security/InRelease',
      'https://other.example/debian-security/dists/trixie-security/InRelease',
      'ask-again',
    ],
  ];
  for (const [name, path, upstream, keep] of cases)
    assert.deepEqual(
      routeArchiveRequest(name, path, mirrors),
      { upstream, keep, file: path.slice(1) },
      `${name}${path}`,
    );
});

test('the cache has one file for a name, however apt writes it', () => {
  const found = routeArchiveRequest('deb.debian.org', '/debian/pool/main/g/g%2b%2b_1%7e2.deb', mirrors);
  assert.deepEqual(found, {
    upstream: 'http://mirror.example/debian/pool/main/g/g%2b%2b_1%7e2.deb',
    file: 'debian/pool/main/g/g++_1~2.deb',
    keep: 'forever',
  });
});

test('what Debian’s archive does not have is not found', () => {
  const none: [name: string, path: string][] = [
    ['deb.debian.org', '/'],
    ['deb.debian.org', '/ubuntu/pool/a.deb'],
    ['deb.debian.org', '/debian/pool/../../../etc/passwd'],
    ['deb.debian.org', '/debian/pool/%2e%2e/%2e%2e/x'],
    ['deb.debian.org', '/debian/pool/%2e%2e%2fx'],
    ['deb.debian.org', '/debian/pool//x'],
    ['deb.debian.org', '/debian/pool/%zz'],
    ['security.debian.org', '/debian/dists/trixie/InRelease'],
    ['mirror.example', '/debian/dists/trixie/InRelease'],
  ];
  for (const [name, path] of none)
    assert.equal(routeArchiveRequest(name, path, mirrors), undefined, `${name}${path}`);
  const withoutSecurity = { debian: mirrors.debian };
  assert.equal(
    routeArchiveRequest(
      'deb.debian.org',
      '/debian-security/dists/trixie-security/InRelease',
      withoutSecurity,
    ),
    undefined,
  );
});

test('an index counts until the date in it, and without one for ever', () => {
  const until = 'Suite: stable-security\nValid-Until: Thu, 03 Dec 2026 21:03:36 UTC\nAcquire-By-Hash: yes\n';
  assert.equal(validUntil(until), Date.UTC(2026, 11, 3, 21, 3, 36));
  assert.equal(validUntil('Suite: stable\n'), Number.POSITIVE_INFINITY);
});
