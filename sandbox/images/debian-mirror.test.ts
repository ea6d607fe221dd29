import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../../test/support/scratch.ts';
import { debianMirror, debianMirrors } from './debian-mirror.ts';

test('reads the Debian mirror of this machine from both formats of its sources', () => {
  const folder = scratch('apt');
  assert.equal(debianMirror(folder), undefined);
  assert.deepEqual(debianMirrors(folder), {
    debian: 'http://deb.debian.org/debian',
    security: 'http://deb.debian.org/debian-security',
  });
  mkdirSync(join(folder, 'sources.list.d'));
  const stanzas =
    'Types: deb\nURIs: http://mirror.example/debian-security\n\nTypes: deb\nURIs: http://mirror.example/debian\n';
  writeFileSync(join(folder, 'sources.list.d', 'debian.sources'), stanzas);
  assert.equal(debianMirror(folder), 'http://mirror.example/debian');
  assert.deepEqual(debianMirrors(folder), {
    debian: 'http://mirror.example/debian',
    security: 'http://mirror.example/debian-security',
  });
  writeFileSync(
    join(folder, 'sources.list'),
    '# a comment\ndeb [signed-by=/x.gpg] https://other.example/debian/ bookworm main\n',
  );
  assert.equal(debianMirror(folder), 'https://other.example/debian/');
});

test('a machine whose sources have no security updates has no mirror for them', () => {
  const folder = scratch('apt');
  writeFileSync(join(folder, 'sources.list'), 'deb http://mirror.example/debian trixie main\n');
  assert.deepEqual(debianMirrors(folder), { debian: 'http://mirror.example/debian' });
});
