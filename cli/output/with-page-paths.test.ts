import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPagePaths } from './with-page-paths.ts';

const said = 'Add "alarms" to haven.yaml (docs/owners/alarms.md).';

test('a page of an installed package is named by the path from where the command is typed', () => {
  const root = '/home/ada/cloud/node_modules/openhaven';
  const path = 'node_modules/openhaven/docs/owners/alarms.md';
  assert.equal(withPagePaths(said, root, '/home/ada/cloud'), `Add "alarms" to haven.yaml (${path}).`);
});

test('where the package is elsewhere, a page is named by its whole path', () => {
  const root = '/usr/lib/node_modules/openhaven';
  assert.equal(
    withPagePaths(said, root, '/home/ada/cloud'),
    'Add "alarms" to haven.yaml (/usr/lib/node_modules/openhaven/docs/owners/alarms.md).',
  );
});

test('in the project itself, and in addresses of other websites, nothing changes', () => {
  assert.equal(withPagePaths(said, '/work', '/work'), said);
  for (const other of ['https://example.org/docs/limits.md', 'my-docs/a.md', 'docs/owners'])
    assert.equal(withPagePaths(other, '/usr/lib', '/home/ada'), other);
});
