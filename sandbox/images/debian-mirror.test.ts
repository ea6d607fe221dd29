import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../../test/support/scratch.ts';
import { debianMirror } from './debian-mirror.ts';

test('reads the Debian mirror of this machine from both formats of its sources', () => {
  const folder = scratch('apt');
  assert.equal(debianMirror(folder), undefined);
  mkdirSync(join(folder, 'sources.list.d'));
  const stanzas =
    'Types: deb\nURIs: http://mirror.example/debian-security\n\nTypes: deb\nURIs: http://mirror.example/debian\n';
  writeFileSync(join(folder, 'sources.list.d', 'debian.sources'), stanzas);
  assert.equal(debianMirror(folder), 'http://mirror.example/debian');
  writeFileSync(
    join(folder, 'sources.list'),
    '# a comment\ndeb [signed-by=/x.gpg] https://other.example/debian/ bookworm main\n',
  );
  assert.equal(debianMirror(folder), 'https://other.example/debian/');
});
